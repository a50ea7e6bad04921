import { make } from "./dom.js";
import { makePicture } from "./drawing.js";

/** A drawing that can be clicked, with a caption; see tiles.css. */
export function makeTile(grid) {
  const button = make("button", grid, "paper");
  button.type = "button";
  makePicture(button);
  make("span", button, "caption");
  return button;
}

export default function ({ parentElement, data }) {
  parentElement.querySelector("button").onclick = () => {
    let place = parentElement.host ?? parentElement, picture = null;
    while (place && !picture) {
      place = place.parentElement;
      picture = place?.querySelector("[data-testid=stVegaLiteChart] svg.marks");
    }
    if (!picture) return;
    const text = new XMLSerializer().serializeToString(picture);
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([text], { type: "image/svg+xml" }));
    link.download = data.name;
    link.click();
    URL.revokeObjectURL(link.href);
  };
}

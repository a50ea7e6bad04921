import assert from "node:assert/strict";
import { existsSync, readdirSync } from "node:fs";
import { test } from "node:test";

const WEB = new URL("../../pages/components/web/", import.meta.url);
const names = readdirSync(WEB).filter((name) => existsSync(new URL(`${name}/${name}.js`, WEB)));

test("each component is a module that has all that it imports", async () => {
  globalThis.document = { createElement: () => ({ getContext: () => null }) };
  assert.ok(names.includes("gallery") && names.includes("scatter"));
  for (const name of names) {
    const module = await import(new URL(`${name}/${name}.js`, WEB));
    assert.equal(typeof module.default, "function", name);
  }
});

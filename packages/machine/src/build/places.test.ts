import { expect, test } from "vitest";
import { Places } from "./places.ts";

const places = new Places(
  new Map([
    ["@mercury/vo", "/here/vo"],
    ["@mercury/vo-too", "/here/vo-too"],
  ]),
);

test("a file is named by its package, wherever that lies", () => {
  expect(places.nameOf("/here/vo/metal/index.ts")).toBe("@mercury/vo/metal/index.ts");
  expect(places.nameOf("file:///here/vo-too/metal/index.ts")).toBe("@mercury/vo-too/metal/index.ts");
  expect(places.nameOf("/here/vo/")).toBe("@mercury/vo/");
});

test("a name leads back to the file", () => {
  expect(places.fileOf("@mercury/vo-too/metal/index.ts")).toBe("/here/vo-too/metal/index.ts");
  expect(places.fileOf("@mercury/other/metal/index.ts")).toBeNull();
});

test("what is in none of the packages stays as it is", () => {
  expect(places.nameOf("/here/vother/index.ts")).toBe("/here/vother/index.ts");
  expect(places.nameOf("mercury:vo")).toBe("mercury:vo");
});

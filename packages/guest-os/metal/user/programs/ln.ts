/** ln [-s] TARGET NAME */
import { cstr } from "@mercury/toolchain/metal";
import { Arguments, options } from "../lib/args";
import { complain, usage } from "../lib/errors";
import { link, symbolicLink } from "../lib/syscall";

const first: usize = memory.data(4);

export function ln(list: Arguments): i32 {
  const symbolic = options(list, cstr`s`, first);
  const index = load<u32>(first);
  if (symbolic & 0x80000000 || list.count != index + 2) return usage(cstr`ln [-s] TARGET NAME`);
  const target = list.at(index);
  const name = list.at(index + 1);
  const result = symbolic ? symbolicLink(target, name) : link(target, name);
  return result < 0 ? complain(cstr`ln`, name, result) : 0;
}

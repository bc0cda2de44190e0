/** Reading and writing generated files: open takes the text, so that a reader sees one moment however many reads it makes. */
import { EACCES, EINVAL, ENOMEM, PAGE_SIZE } from "@mercury/abi/metal";
import { allocateFrame, linear, releaseFrame } from "../../mm/frames";
import { File, FileOperations, isReadable, isWritable, plainOperations } from "../file";
import { giveBytes, takeBytes } from "../transfer";
import { Row } from "./rows";
import { Text, beginText, freeText } from "./text";

export const generatedOperations: FileOperations = changetype<FileOperations>(memory.data(offsetof<FileOperations>(), 4));

export function initializeGenerated(): void {
  plainOperations(generatedOperations);
  generatedOperations.open = openGenerated.index;
  generatedOperations.read = readGenerated.index;
  generatedOperations.write = writeGenerated.index;
  generatedOperations.close = closeGenerated.index;
  generatedOperations.seekable = 1;
}

// @ts-ignore: decorator
@inline export function rowOf(file: File): Row {
  return changetype<Row>(file.inode.row);
}

function openGenerated(file: File): i32 {
  if (isWritable(file) && rowOf(file).accept == 0) return -EACCES;
  if (!isReadable(file)) return 0;
  const text = beginText();
  if (text === null) return -ENOMEM;
  const failed = call_indirect<i32>(rowOf(file).generate, <u32>file.inode.data);
  if (failed != 0 || text.incomplete != 0) {
    freeText(text);
    return failed != 0 ? failed : -ENOMEM;
  }
  file.data = changetype<usize>(text);
  return 0;
}

function closeGenerated(file: File): void {
  if (file.data != 0) freeText(changetype<Text>(file.data));
}

function readGenerated(file: File, buffer: usize, count: u32): i32 {
  const text = changetype<Text>(file.data);
  if (file.position >= text.length) return 0;
  const bytes = min(count, text.length - file.position);
  const failed = giveBytes(buffer, text.bytes + file.position, bytes);
  if (failed != 0) return failed;
  file.position += bytes;
  return <i32>bytes;
}

/** One write is one request, wherever the position is. */
function writeGenerated(file: File, buffer: usize, count: u32): i32 {
  if (count >= PAGE_SIZE) return -EINVAL;
  const frame = allocateFrame();
  if (frame == 0) return -ENOMEM;
  const bytes = linear(frame);
  let result = takeBytes(bytes, buffer, count);
  if (result == 0) {
    store<u8>(bytes + count, 0);
    result = call_indirect<i32>(rowOf(file).accept, bytes, count);
  }
  releaseFrame(frame);
  return result != 0 ? result : <i32>count;
}

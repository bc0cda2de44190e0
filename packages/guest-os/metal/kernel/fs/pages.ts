/**
 * Pages of a regular file: a tree with 1024 branches that is as high as the file needs. Height 0: the root is the file's only page; height 1:
 * the root is a node of 1024 pages (4 MB); height 2 reaches beyond MAXIMUM_SIZE. A missing page or node is a hole and reads as zeros.
 * Addresses in the tree are physical.
 */
import { PAGE_SIZE } from "@mercury/abi/metal";
import { allocateZeroedFrame, linear, releaseFrame } from "../mm/frames";
import { Inode } from "./inode";

const BRANCH_BITS: u32 = 10;
const BRANCHES: u32 = 1024;
export const PAGE_BITS: u32 = 12;

/** Frames that all files may use together, nodes included, and how many they use. */
let pageLimit: u32 = 0;
let pagesUsed: u32 = 0;

/** Sets how many frames files may use together. */
export function limitFilePages(frames: u32): void {
  pageLimit = frames;
}

/** Frames that files use now, nodes included. */
export function filePageCount(): u32 {
  return pagesUsed;
}

export function filePageLimit(): u32 {
  return pageLimit;
}

function takeFrame(): usize {
  if (pagesUsed >= pageLimit) return 0;
  const frame = allocateZeroedFrame();
  if (frame != 0) pagesUsed++;
  return frame;
}

function giveFrame(frame: usize): void {
  releaseFrame(frame);
  pagesUsed--;
}

/** Address of the word that holds branch `index` of a level. */
// @ts-ignore: decorator
@inline export function branch(node: usize, index: u32, level: u32): usize {
  return linear(node) + (<usize>((index >> ((level - 1) * BRANCH_BITS)) & (BRANCHES - 1)) << 2);
}

// @ts-ignore: decorator
@inline export function reaches(height: u32, index: u32): bool {
  return index >> (height * BRANCH_BITS) == 0;
}

/** Physical address of page `index`, or 0. */
export function pageAt(inode: Inode, index: u32): usize {
  if (!reaches(inode.height, index)) return 0;
  let node = inode.pages;
  for (let level = inode.height; level != 0 && node != 0; level--) node = load<u32>(branch(node, index, level));
  return node;
}

/** Physical address of page `index`, which becomes a page of zeros when it was a hole; 0: no space. */
export function ensurePage(inode: Inode, index: u32): usize {
  while (!reaches(inode.height, index)) if (!raise(inode)) return 0;
  if (inode.pages == 0 && (inode.pages = takeFrame()) == 0) return 0;
  if (inode.height == 0) {
    inode.pageCount = 1;
    return inode.pages;
  }
  let node = inode.pages;
  for (let level = inode.height; level != 0; level--) {
    const slot = branch(node, index, level);
    node = load<u32>(slot);
    if (node != 0) continue;
    node = takeFrame();
    if (node == 0) return 0;
    if (level == 1) inode.pageCount++;
    store<u32>(slot, <u32>node);
  }
  return node;
}

/** One level more above the root; false: no space. */
function raise(inode: Inode): bool {
  if (inode.pages != 0) {
    const node = takeFrame();
    if (node == 0) return false;
    store<u32>(linear(node), <u32>inode.pages);
    inode.pages = node;
  }
  inode.height++;
  return true;
}

/** Drops the pages from number `first` on. */
export function dropPages(inode: Inode, first: u32): void {
  if (inode.pages != 0) inode.pages = prune(inode, inode.pages, inode.height, 0, first);
  if (inode.pages == 0) inode.height = 0;
}

/** Drops what lies at or after page `first` under a node whose first page is `base`; the node, or 0 when nothing of it is left. */
function prune(inode: Inode, node: usize, level: u32, base: u32, first: u32): usize {
  if (level == 0) {
    if (base < first) return node;
    inode.pageCount--;
    giveFrame(node);
    return 0;
  }
  const span: u32 = 1 << ((level - 1) * BRANCH_BITS);
  let left: u32 = 0;
  for (let at: u32 = 0; at < BRANCHES; at++) {
    const slot = linear(node) + (<usize>at << 2);
    let child: usize = load<u32>(slot);
    if (child == 0) continue;
    const start = base + at * span;
    if (start + span > first) child = prune(inode, child, level - 1, start, first);
    store<u32>(slot, <u32>child);
    if (child != 0) left++;
  }
  if (left != 0) return node;
  giveFrame(node);
  return 0;
}

/** Zeroes the rest of the page in which a file of `size` bytes ends, so that growing it again shows zeros. */
export function clearTail(inode: Inode, size: u32): void {
  const offset = size & (PAGE_SIZE - 1);
  const page = offset == 0 ? 0 : pageAt(inode, size >> PAGE_BITS);
  if (page != 0) memory.fill(linear(page) + offset, 0, PAGE_SIZE - offset);
}

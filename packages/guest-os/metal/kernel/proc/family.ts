import { Task, findTask } from "../sched/task";

/** Parents and children. */

/** Task 1: the parent of all that lost theirs. */
// @ts-ignore: decorator
@inline export function initTask(): Task | null {
  return findTask(1);
}

export function adopt(parent: Task, child: Task): void {
  child.parent = parent;
  child.nextSibling = parent.firstChild;
  parent.firstChild = child;
}

/** Takes a child out of its parent's list. */
export function disown(child: Task): void {
  const parent = child.parent;
  if (parent === null) return;
  let before: Task | null = null;
  let at = parent.firstChild;
  while (at !== null && at !== child) {
    before = at;
    at = at.nextSibling;
  }
  if (before === null) parent.firstChild = child.nextSibling;
  else before.nextSibling = child.nextSibling;
  child.parent = null;
}

type Box = {
  readonly node: Node;
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
};

/**
 * In the page: what is wrong with its layout. Two texts overlap, a text reaches out of the window or of its section, something
 * scrolls sideways, or text is cut off without an ellipsis.
 */
export function faultsOfLayout(): string[] {
  // The content area of a font is a little higher than its letters.
  const TOLERANCE_PX = 2;
  const dialog = document.querySelector('dialog[open]');
  const root = dialog ?? document.body;
  const faults: string[] = [];
  const boxes: Box[] = [];

  function take(node: Node, rect: DOMRect, from: Element): void {
    const box = { left: rect.left, right: rect.right, top: rect.top, bottom: rect.bottom };
    for (
      let ancestor: Element | null = from;
      ancestor && ancestor !== root;
      ancestor = ancestor.parentElement
    ) {
      if (getComputedStyle(ancestor).overflow === 'visible') continue;
      const clip = ancestor.getBoundingClientRect();
      box.left = Math.max(box.left, clip.left);
      box.right = Math.min(box.right, clip.right);
      box.top = Math.max(box.top, clip.top);
      box.bottom = Math.min(box.bottom, clip.bottom);
    }
    // What only a screen reader reads is one pixel wide.
    if (box.right - box.left <= 1 || box.bottom - box.top <= 1) return;
    boxes.push({ node, ...box });
    const place = from.closest('section.list, section.pane, dialog')?.getBoundingClientRect();
    const [left, right] = [place?.left ?? 0, place?.right ?? innerWidth];
    if (box.left < left - 0.5 || box.right > right + 0.5) faults.push(`beside its place: ${nameOf(node)}`);
  }

  const nameOf = ({ nodeValue, nodeName }: Node) => nodeValue?.trim().slice(0, 60) ?? nodeName;

  function isSeen(element: Element): boolean {
    return (
      element.checkVisibility({
        visibilityProperty: true,
        opacityProperty: true,
        contentVisibilityAuto: true,
      }) && !element.closest('.unseen, .skip')
    );
  }

  const texts = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
  for (let node = texts.nextNode(); node; node = texts.nextNode()) {
    const parent = node.parentElement!;
    if (!node.nodeValue?.trim() || parent.matches('option, textarea') || !isSeen(parent)) continue;
    const range = document.createRange();
    range.selectNodeContents(node);
    for (const rect of range.getClientRects()) take(node, rect, parent);
  }
  for (const control of root.querySelectorAll('input[type=search], select, textarea')) {
    if (isSeen(control)) take(control, control.getBoundingClientRect(), control.parentElement!);
  }

  boxes.sort((one, other) => one.top - other.top);
  for (const [at, one] of boxes.entries()) {
    for (const other of boxes.slice(at + 1)) {
      if (other.top > one.bottom - TOLERANCE_PX) break;
      const width = Math.min(one.right, other.right) - Math.max(one.left, other.left);
      const height = Math.min(one.bottom, other.bottom) - other.top;
      // Text that ends in an ellipsis has a box with it and one without it.
      if (width > 1 && height > TOLERANCE_PX && one.node !== other.node)
        faults.push(`one over the other: ${nameOf(one.node)} | ${nameOf(other.node)}`);
    }
  }

  for (const element of [document.documentElement, ...root.querySelectorAll('*')]) {
    if (element.scrollWidth <= element.clientWidth || element.clientWidth <= 1 || !isSeen(element)) continue;
    const { overflowX, textOverflow } = getComputedStyle(element);
    const isRoot = element === document.documentElement;
    if (isRoot || (overflowX !== 'visible' && textOverflow !== 'ellipsis'))
      faults.push(`wider than its place: <${element.tagName} class="${element.className}">`);
  }
  return faults;
}

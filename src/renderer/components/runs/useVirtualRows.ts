import { useElementSize, useEventListener } from '@vueuse/core';
import { computed, shallowRef, type Ref } from 'vue';

export interface VirtualRows {
  /** index of the first row to draw */
  first: Readonly<Ref<number>>;
  /** index after the last row to draw */
  end: Readonly<Ref<number>>;
  /** rows that fit into view */
  pageRows: Readonly<Ref<number>>;
  /** Scrolls as little as needed for a row to be seen whole. */
  reveal(index: number): void;
}

/** Rows drawn beyond the edges, so that fast scrolling shows no gaps. */
const overscan = 10;

/** Which rows of equal height are in view of a scroller whose first `headPx` pixels stay on top. */
export function useVirtualRows(
  scroller: Ref<HTMLElement | null>,
  { count, rowPx, headPx }: { count: () => number; rowPx: number; headPx: number },
): VirtualRows {
  const { height } = useElementSize(scroller);
  const scrollTop = shallowRef(0);
  useEventListener(scroller, 'scroll', () => (scrollTop.value = scroller.value?.scrollTop ?? 0), { passive: true });

  const pageRows = computed(() => Math.max(1, Math.floor((height.value - headPx) / rowPx)));
  const first = computed(() => Math.max(0, Math.min(Math.floor(scrollTop.value / rowPx), count()) - overscan));
  const end = computed(() => Math.min(count(), Math.ceil((scrollTop.value + height.value) / rowPx) + overscan));

  return {
    first,
    end,
    pageRows,
    reveal(index) {
      const element = scroller.value;
      if (!element) return;
      const top = index * rowPx;
      const visible = element.clientHeight - headPx;
      if (top < element.scrollTop) element.scrollTop = top;
      else if (top + rowPx > element.scrollTop + visible) element.scrollTop = top + rowPx - visible;
      scrollTop.value = element.scrollTop;
    },
  };
}

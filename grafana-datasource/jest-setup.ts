import '@testing-library/jest-dom';
import { configure } from '@testing-library/react';
import { TextDecoder, TextEncoder } from 'util';

configure({ asyncUtilTimeout: 20000 });

Object.assign(global, { TextDecoder, TextEncoder });

// What jsdom lacks and Grafana's components ask for.
Object.defineProperty(window, 'matchMedia', {
  value: (media: string) => ({ matches: false, media, addListener() {}, removeListener() {}, addEventListener() {}, removeEventListener() {} }),
});
Object.assign(global, {
  ResizeObserver: class {
    observe() {}
    unobserve() {}
    disconnect() {}
  },
});
HTMLCanvasElement.prototype.getContext = (() => null) as never;

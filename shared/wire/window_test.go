package wire

import "testing"

func TestWindow(t *testing.T) {
	b := []byte{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23}
	for _, bad := range [][2]int{{7, 9}, {8, 25}, {9, 8}} {
		if w, ok := NewWindow(b, bad[0], bad[1]); ok || w.Len() != 0 {
			t.Errorf("NewWindow(%v) = %v", bad, w)
		}
	}
	w, ok := NewWindow(b, 8, 24)
	if !ok || w.Len() != 16 {
		t.Fatalf("window of %d bytes", w.Len())
	}
	for n, want := range []uint64{0, 0x08, 0, 0, 0x08090a0b, 0, 0x08090a0b0c0d, 0, 0x08090a0b0c0d0e0f} {
		if want == 0 {
			continue
		}
		if got := w.Number(n, Mask(n)); got != want {
			t.Errorf("number of %d bytes = %#x, want %#x", n, got, want)
		}
	}
	if got := w.From(2).Number(1, Mask(1)); got != 10 {
		t.Errorf("From: %d", got)
	}
	if got := w.Part(4, 2); got.Len() != 2 || got.Number(2, Mask(2)) != 0x0c0d {
		t.Errorf("Part: %v", got)
	}
	if got := w.Sixteen(16); got[0] != 8 || got[15] != 23 {
		t.Errorf("Sixteen: %v", got)
	}
	if got := w.Bytes(3, 2); len(got) != 2 || got[0] != 9 || got[1] != 10 {
		t.Errorf("Bytes: %v", got)
	}
	c := CopyWindow(w)
	b[8] = 99
	if cur := c.Cursor(); cur.U8() != 8 || cur.Len() != 15 {
		t.Error("a copy shares the bytes")
	}
}

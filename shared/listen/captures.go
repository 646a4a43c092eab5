package listen

import "errors"

// Captures is a [Merge] of capture files together with them.
type Captures struct {
	*Merge
	Files []*Capture // in the order of their paths
}

// MergeCaptures opens the capture files at paths and merges them by time. Where one cannot be opened, none stays open. IPFIX files are
// transport sessions with the numbers from [CaptureConfig.Session], or 1, on.
func MergeCaptures(paths []string, cfg CaptureConfig) (*Captures, error) {
	c := &Captures{}
	sources := make([]Source, 0, len(paths))
	cfg.Session = max(cfg.Session, 1)
	for _, path := range paths {
		file, err := OpenCapture(path, cfg)
		if err != nil {
			return nil, errors.Join(err, c.Close())
		}
		c.Files = append(c.Files, file)
		sources = append(sources, file)
		cfg.Session++
	}
	c.Merge = MergeSources(sources...)
	return c, nil
}

// Stats returns the sum of all files' counters.
func (c *Captures) Stats() (sum CaptureStats) {
	for _, f := range c.Files {
		sum = sum.add(f.Stats())
	}
	return sum
}

// Position returns the sum of all files' positions; size is 0 where one is not known. It may be called while another goroutine
// reads.
func (c *Captures) Position() (read, size int64) {
	known := true
	for _, f := range c.Files {
		r, s := f.Position()
		read, size = read+r, size+s
		known = known && s > 0
	}
	if !known {
		size = 0
	}
	return read, size
}

// Close closes all files.
func (c *Captures) Close() error {
	var errs []error
	for _, f := range c.Files {
		errs = append(errs, f.Close())
	}
	return errors.Join(errs...)
}

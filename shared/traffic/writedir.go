package traffic

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
)

// Names of the files WriteDir makes.
const (
	PcapFile   = "traffic.pcap"
	TruthFile  = "truth.jsonl"
	ConfigFile = "weir.yaml"
)

// WriteDir generates into a folder, made where it is missing: the datagrams as
// traffic.pcap, what is in them as truth.jsonl and the network as weir.yaml.
// Files of an earlier run are replaced; traffic.pcap appears when it is whole.
func WriteDir(ctx context.Context, cfg Config, dir string) (*Result, error) {
	if err := cfg.Validate(); err != nil {
		return nil, fmt.Errorf("generate: %w", err)
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, fmt.Errorf("output folder: %w", err)
	}
	partial := filepath.Join(dir, PcapFile+".partial")
	res, err := writePcap(ctx, cfg, partial)
	if err != nil {
		_ = os.Remove(partial) // the error that counts is err
		return nil, err
	}
	if err := writeTexts(res, dir); err != nil {
		return nil, err
	}
	if err := os.Rename(partial, filepath.Join(dir, PcapFile)); err != nil {
		return nil, fmt.Errorf("finish capture: %w", err)
	}
	return res, nil
}

func writePcap(ctx context.Context, cfg Config, name string) (res *Result, err error) {
	f, err := os.Create(name)
	if err != nil {
		return nil, fmt.Errorf("create capture: %w", err)
	}
	defer func() {
		if cerr := f.Close(); err == nil && cerr != nil {
			err = fmt.Errorf("close capture: %w", cerr)
		}
	}()
	w := bufio.NewWriterSize(f, 1<<20)
	sink, err := NewPcapSink(w)
	if err != nil {
		return nil, err
	}
	if res, err = Generate(ctx, cfg, sink); err != nil {
		return nil, err
	}
	if err := w.Flush(); err != nil {
		return nil, fmt.Errorf("write capture: %w", err)
	}
	return res, nil
}

func writeTexts(res *Result, dir string) error {
	var truth bytes.Buffer
	if err := WriteTruth(&truth, res.Truth); err != nil {
		return err
	}
	conf, err := configYAML(res)
	if err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(dir, TruthFile), truth.Bytes(), 0o644); err != nil {
		return fmt.Errorf("write truth: %w", err)
	}
	if err := os.WriteFile(filepath.Join(dir, ConfigFile), conf, 0o644); err != nil {
		return fmt.Errorf("write config: %w", err)
	}
	return nil
}

//go:build cgo

package duckdb

import (
	"errors"
	"fmt"
	"path/filepath"
	"strconv"

	duck "github.com/duckdb/duckdb-go-bindings"

	"github.com/weirflow/weir/collector/internal/store"
)

// openDatabase opens the folder's database file.
func openDatabase(cfg store.Config) (duck.Database, error) {
	var db duck.Database
	settings, err := databaseSettings(cfg)
	defer duck.DestroyConfig(&settings)
	if err != nil {
		return db, err
	}
	var text string
	if duck.OpenExt(filepath.Join(cfg.Dir, store.FileName), &db, settings, &text) != duck.StateSuccess {
		return db, errors.New(text)
	}
	return db, nil
}

func databaseSettings(cfg store.Config) (duck.Config, error) {
	var c duck.Config
	if duck.CreateConfig(&c) != duck.StateSuccess {
		return c, errors.New("duckdb: no configuration")
	}
	options := map[string]string{
		"memory_limit":   strconv.FormatInt(cfg.MemoryLimit, 10) + "B",
		"temp_directory": filepath.Join(cfg.Dir, store.TempDir),
		// Nothing is fetched from the network, and no setting of the folder changes what a statement may do.
		"autoinstall_known_extensions": "false",
		"autoload_known_extensions":    "false",
		"checkpoint_threshold":         checkpointThreshold,
	}
	if cfg.Threads > 0 {
		options["threads"] = strconv.Itoa(cfg.Threads)
	}
	if cfg.ReadOnly {
		options["access_mode"] = "READ_ONLY"
	}
	for name, value := range options {
		if duck.SetConfig(c, name, value) != duck.StateSuccess {
			return c, fmt.Errorf("duckdb: cannot set %s to %s", name, value)
		}
	}
	return c, nil
}

// checkpointThreshold is the size of the write-ahead log at which its records are compressed into the file.
const checkpointThreshold = "64MB"

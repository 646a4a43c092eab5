//go:build cgo

package duckdb

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strconv"

	duck "github.com/duckdb/duckdb-go-bindings"

	"github.com/weirflow/weir/collector/internal/store"
)

// openDatabase starts DuckDB, attaches the folder's database file and has it read the hot files.
func openDatabase(ctx context.Context, cfg store.Config, files *hotFiles) (duck.Database, error) {
	var db duck.Database
	settings, err := databaseSettings(cfg)
	defer duck.DestroyConfig(&settings)
	if err != nil {
		return db, err
	}
	var text string
	if duck.OpenExt(":memory:", &db, settings, &text) != duck.StateSuccess {
		return db, errors.New(text)
	}
	if err := registerHot(db, files); err != nil {
		return db, err
	}
	mode := ""
	if cfg.ReadOnly {
		mode = " (READ_ONLY)"
	}
	c := &conn{}
	if duck.Connect(db, &c.handle) != duck.StateSuccess {
		return db, errors.New("connect to database")
	}
	defer c.close()
	return db, c.exec(ctx, fmt.Sprintf("ATTACH %s AS %s%s", quote(filepath.Join(cfg.Dir, store.FileName)), attached, mode))
}

// attached is the name of the folder's database within DuckDB.
const attached = "weir"

func databaseSettings(cfg store.Config) (duck.Config, error) {
	var c duck.Config
	if duck.CreateConfig(&c) != duck.StateSuccess {
		return c, errors.New("duckdb: no configuration")
	}
	options := map[string]string{
		"memory_limit":   strconv.FormatInt(cfg.MemoryLimit, 10) + "B",
		"temp_directory": filepath.Join(cfg.Dir, store.TempDir),
		// Nothing is fetched from the network.
		"autoinstall_known_extensions": "false",
		"autoload_known_extensions":    "false",
	}
	options["threads"] = strconv.Itoa(newCrew(cfg).start())
	for name, value := range options {
		if duck.SetConfig(c, name, value) != duck.StateSuccess {
			return c, fmt.Errorf("duckdb: cannot set %s to %s", name, value)
		}
	}
	return c, nil
}

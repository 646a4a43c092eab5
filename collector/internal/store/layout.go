package store

import (
	"fmt"
	"path/filepath"
	"regexp"
	"strconv"
	"time"
)

// Names in the data folder.
const (
	FileName   = "weir.duckdb"
	LockName   = "weir.lock"
	SocketName = "weir.sock"
	TempDir    = "tmp"
	TempSuffix = ".tmp" // of sealed files that are being written
	IndexDir   = "index"
	HotDir     = "hot" // of what is not sealed yet
	HotSuffix  = ".hot"
	// DamagedSuffix is added to the name of a hot file that was sealed without rows which could not be read.
	DamagedSuffix = ".damaged"
)

// Kind is what a part holds; it begins the names of its table and of the folder of its file.
type Kind string

// Kinds of parts.
const (
	Flows    Kind = "flows"
	Sessions Kind = "sessions"
	// Rollups are sums of the records of a sealed part, and have its hour and number. They are made of the records, and can be again.
	Rollups Kind = "rollups"
	// Days are sums of the rollups of a day, by the hour at which it begins.
	Days Kind = "days"
)

// Kinds returns the kinds of parts that are appended to and sealed.
func Kinds() []Kind { return []Kind{Flows, Sessions} }

// DerivedKinds returns the kinds of files that are made of sealed parts.
func DerivedKinds() []Kind { return []Kind{Rollups, Days} }

// LayoutVersion is the version of tables, files and columns. A store of a greater version is not opened.
const LayoutVersion = 2

// Part names a portion of the records or sessions: those committed in an hour, numbered from 1.
type Part struct {
	Kind Kind
	Hour time.Time // start of the hour of commit, UTC
	N    int
}

// PartHour returns the start of the hour of commit that t falls in.
func PartHour(t time.Time) time.Time { return t.UTC().Truncate(time.Hour) }

// Table returns the name under which the part's rows are known while its hour is being written, such as flows_2026030208_1.
func (p Part) Table() string {
	return fmt.Sprintf("%s_%s_%d", p.Kind, p.Hour.Format("2006010215"), p.N)
}

// Path returns the path of the part's sealed file relative to the data folder, with slashes.
func (p Part) Path() string {
	return fmt.Sprintf("%s/date=%s/hour=%s/part-%d.parquet", p.Kind, p.Hour.Format(time.DateOnly), p.Hour.Format("15"), p.N)
}

// Beside returns the part of another kind with the same hour and number.
func (p Part) Beside(kind Kind) Part {
	p.Kind = kind
	return p
}

// IndexPath returns the path of the host index of the part's sealed file, like Path. It lies apart: who reads a folder of Parquet files
// takes every file in it for one.
func (p Part) IndexPath() string {
	return fmt.Sprintf("%s/%s/date=%s/hour=%s/part-%d.hosts", IndexDir, p.Kind, p.Hour.Format(time.DateOnly), p.Hour.Format("15"), p.N)
}

// SumsPath returns the path of the sums of the hosts of the part's sealed file, like IndexPath. It is a part of the rollup.
func (p Part) SumsPath() string {
	return fmt.Sprintf("%s/%s/date=%s/hour=%s/part-%d.sums", IndexDir, p.Kind, p.Hour.Format(time.DateOnly), p.Hour.Format("15"), p.N)
}

// HotPath returns the path of the part's file while its hour is being written, like Path.
func (p Part) HotPath() string { return HotDir + "/" + p.Table() + HotSuffix }

// TempPath is the name under which a sealed file is written before it is complete.
func TempPath(path string) string { return path + TempSuffix }

// Less orders parts by kind, hour and number.
func (p Part) Less(o Part) bool {
	if p.Kind != o.Kind {
		return p.Kind < o.Kind
	}
	if !p.Hour.Equal(o.Hour) {
		return p.Hour.Before(o.Hour)
	}
	return p.N < o.N
}

var (
	tablePattern = regexp.MustCompile(`^(flows|sessions)_(\d{10})_(\d{1,9})$`)
	pathPattern  = regexp.MustCompile(`^(flows|sessions|rollups|days)/date=(\d{4}-\d{2}-\d{2})/hour=(\d{2})/part-(\d{1,9})\.parquet$`)
	indexPattern = regexp.MustCompile(`^index/(flows|sessions)/date=(\d{4}-\d{2}-\d{2})/hour=(\d{2})/part-(\d{1,9})\.hosts$`)
	sumsPattern  = regexp.MustCompile(`^index/(flows)/date=(\d{4}-\d{2}-\d{2})/hour=(\d{2})/part-(\d{1,9})\.sums$`)
)

// ParseTable is the inverse of [Part.Table].
func ParseTable(name string) (Part, bool) {
	m := tablePattern.FindStringSubmatch(name)
	if m == nil {
		return Part{}, false
	}
	return parsePart(Kind(m[1]), "2006010215", m[2], m[3])
}

// ParsePath is the inverse of [Part.Path]; the path may have the separators of the system.
func ParsePath(path string) (Part, bool) { return parseFile(pathPattern, path) }

// ParseIndexPath is the inverse of [Part.IndexPath], as ParsePath is of Path.
func ParseIndexPath(path string) (Part, bool) { return parseFile(indexPattern, path) }

// ParseSumsPath is the inverse of [Part.SumsPath], as ParsePath is of Path.
func ParseSumsPath(path string) (Part, bool) { return parseFile(sumsPattern, path) }

func parseFile(pattern *regexp.Regexp, path string) (Part, bool) {
	m := pattern.FindStringSubmatch(filepath.ToSlash(path))
	if m == nil {
		return Part{}, false
	}
	return parsePart(Kind(m[1]), time.DateOnly+" 15", m[2]+" "+m[3], m[4])
}

func parsePart(kind Kind, layout, hour, number string) (Part, bool) {
	t, err := time.ParseInLocation(layout, hour, time.UTC)
	n, errN := strconv.Atoi(number)
	if err != nil || errN != nil || n < 1 {
		return Part{}, false
	}
	return Part{Kind: kind, Hour: t, N: n}, true
}

package bench

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// part is a part of a data folder with its size.
type part struct {
	name  string
	bytes int64
}

// databasePart is the file of the database, with its log.
const databasePart = "database"

// sizesOf returns the sizes of a data folder's parts: what lies in each folder of it, and the database.
func sizesOf(dir string) ([]part, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, fmt.Errorf("size of %s: %w", dir, err)
	}
	var list []part
	database := part{name: databasePart}
	for _, e := range entries {
		size, err := folderSize(filepath.Join(dir, e.Name()))
		if err != nil {
			return nil, err
		}
		if !e.IsDir() {
			database.bytes += size
			continue
		}
		if size > 0 {
			list = append(list, part{e.Name(), size})
		}
	}
	return append(list, database), nil
}

// perRecord says what the parts of a data folder take for each of so many records.
func perRecord(dir string, records uint64) (string, error) {
	list, err := sizesOf(dir)
	if err != nil {
		return "", err
	}
	var sum int64
	var parts []string
	for _, p := range list {
		sum += p.bytes
		parts = append(parts, fmt.Sprintf("%s %.1f", p.name, float64(p.bytes)/float64(max(records, 1))))
	}
	return fmt.Sprintf("%.1f bytes a record (%s)", float64(sum)/float64(max(records, 1)), strings.Join(parts, ", ")), nil
}

// folderSize sums the files of a folder, or of a file.
func folderSize(dir string) (sum int64, err error) {
	err = filepath.WalkDir(dir, func(_ string, d os.DirEntry, err error) error {
		if errors.Is(err, fs.ErrNotExist) {
			return nil // removed meanwhile
		}
		if err != nil || d.IsDir() {
			return err
		}
		info, err := d.Info()
		if err == nil {
			sum += info.Size()
		}
		return err
	})
	if err != nil {
		return 0, fmt.Errorf("size of %s: %w", dir, err)
	}
	return sum, nil
}

package geo

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"
)

// source is a file that is configured, and what of it was last seen.
type source struct {
	path    string
	country bool // it is to have countries
	asn     bool // it is to have AS numbers
	info    os.FileInfo
	missing bool // at the last look, which was told
	file    *file
}

// sources returns a source a path: a file that is used for both is kept once.
func sources(cfg Config) (list []*source) {
	if cfg.Country != "" {
		list = append(list, &source{path: cfg.Country, country: true, asn: cfg.Country == cfg.ASN})
	}
	if cfg.ASN != "" && cfg.ASN != cfg.Country {
		list = append(list, &source{path: cfg.ASN, asn: true})
	}
	return list
}

// keys are the keys of the configuration that name the file.
func (s *source) keys() string {
	var keys []string
	if s.country {
		keys = append(keys, "geo.country")
	}
	if s.asn {
		keys = append(keys, "geo.asn")
	}
	return strings.Join(keys, " and ")
}

// load takes the file as it is now into use; on an error the last one stays.
func (s *source) load() error {
	f, info, err := load(s.path)
	s.info, s.missing = info, errors.Is(err, fs.ErrNotExist)
	if err == nil {
		err = s.check(f)
	}
	if err != nil {
		return fmt.Errorf("%s: %w: %s", s.keys(), err, remedy(err))
	}
	s.file = f
	return nil
}

// check tells whether a file holds what is asked of it: the two kinds of files are easily taken for each other.
func (s *source) check(f *file) error {
	kind := f.reader.Metadata.DatabaseType
	switch {
	case s.country && !f.hasCountry:
		return fmt.Errorf("%s (%s): %w: no countries in it", s.path, kind, ErrContent)
	case s.asn && !f.hasASN:
		return fmt.Errorf("%s (%s): %w: no AS numbers in it", s.path, kind, ErrContent)
	}
	return nil
}

// remedy says how a fault is mended.
func remedy(err error) string {
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return "download the file, correct the path, or set the key to off"
	case errors.Is(err, fs.ErrPermission):
		return "let the user that weir runs as read it"
	case errors.Is(err, ErrContent):
		return "name a country or city file in geo.country, an ASN file in geo.asn"
	case errors.Is(err, ErrTooLarge):
		return "use a smaller edition, such as a country file instead of one of cities"
	}
	return "download it again, unpacked, as .mmdb"
}

// changed tells whether the file is another than at the last look. One that has gone is a change once.
func (s *source) changed() bool {
	info, err := os.Stat(s.path)
	if err != nil {
		return !s.missing
	}
	return s.info == nil || info.Size() != s.info.Size() || !info.ModTime().Equal(s.info.ModTime()) || !os.SameFile(info, s.info)
}

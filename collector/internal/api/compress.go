package api

import (
	"compress/gzip"
	"net/http"
	"strconv"
	"strings"
	"sync"

	"github.com/weirflow/weir/shared/query"
)

// writers are compressors to use again: each has 1 MB of tables.
type writers struct{ pool sync.Pool }

func (p *writers) get(w http.ResponseWriter) *gzip.Writer {
	z, ok := p.pool.Get().(*gzip.Writer)
	if !ok {
		z, _ = gzip.NewWriterLevel(nil, gzip.BestSpeed) // the level is one that there is
	}
	z.Reset(w)
	return z
}

// compressed serves JSON and pages compressed to those who take that.
func compressed(next http.Handler) http.Handler {
	pool := new(writers)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Add("Vary", "Accept-Encoding")
		if !takesGzip(r.Header) {
			next.ServeHTTP(w, r)
			return
		}
		c := &compressor{ResponseWriter: w, pool: pool}
		next.ServeHTTP(c, r)
		c.finish()
	})
}

// takesGzip tells whether a request's header asks for gzip, with a weight above 0.
func takesGzip(h http.Header) bool {
	for _, list := range h.Values("Accept-Encoding") {
		for part := range strings.SplitSeq(list, ",") {
			name, params, _ := strings.Cut(part, ";")
			if strings.TrimSpace(name) != "gzip" {
				continue
			}
			weight, found := strings.CutPrefix(strings.TrimSpace(params), "q=")
			q, err := strconv.ParseFloat(weight, 64)
			return !found || (err == nil && q > 0)
		}
	}
	return false
}

// compressor compresses an answer that turns out to be of use for that.
type compressor struct {
	http.ResponseWriter
	pool    *writers
	z       *gzip.Writer // nil: as it is
	decided bool
}

// WriteHeader decides, as the media type is known now.
func (c *compressor) WriteHeader(status int) {
	if !c.decided {
		c.decided = true
		h := c.Header()
		kind := h.Get("Content-Type")
		if compressible(kind) && h.Get("Content-Encoding") == "" && status >= http.StatusOK && status != http.StatusNoContent {
			h.Del("Content-Length")
			h.Set("Content-Encoding", "gzip")
			c.z = c.pool.get(c.ResponseWriter)
		}
	}
	c.ResponseWriter.WriteHeader(status)
}

// compressible tells whether a media type is text that comes in one piece or in lines. Nothing secret is in pages, whose length tells then
// more of what they hold.
func compressible(kind string) bool {
	media, _, _ := strings.Cut(kind, ";")
	switch media {
	case query.TypeJSON, query.TypeLines, "text/html", "text/css", "text/javascript", "image/svg+xml":
		return true
	}
	return false
}

// Write implements [http.ResponseWriter].
func (c *compressor) Write(p []byte) (int, error) {
	if !c.decided {
		c.WriteHeader(http.StatusOK)
	}
	if c.z == nil {
		return c.ResponseWriter.Write(p)
	}
	return c.z.Write(p)
}

// Unwrap is for [http.ResponseController].
func (c *compressor) Unwrap() http.ResponseWriter { return c.ResponseWriter }

func (c *compressor) finish() {
	if c.z == nil {
		return
	}
	_ = c.z.Close() // an error means that the reader has gone
	c.z.Reset(nil)
	c.pool.pool.Put(c.z)
}

// Package token keeps the API's bearer tokens in the data folder: of each its name, scope and the hash of its secret, never the
// secret. A secret is 256 random bits, so that a plain SHA-256 is enough: there is nothing to guess.
package token

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
	"time"
)

// FileName is the file of tokens in the data folder.
const FileName = "tokens.json"

// prefix marks secrets, so that they are known for what they are where they have leaked.
const prefix = "weir_"

// Scope is what a token may do. Each scope includes those before it.
type Scope uint8

// Scopes: no token, questions, actions, and administration.
const (
	None  Scope = iota
	Read        // ask
	Act         // change what the collector does
	Admin       // see and change who may do so
)

var scopeNames = [...]string{"none", "read", "act", "admin"}

// String returns the name that is written in files and on the command line.
func (s Scope) String() string { return scopeNames[s] }

// ParseScope is the inverse of [Scope.String] for the scopes that tokens have.
func ParseScope(name string) (Scope, error) {
	for s := Read; s <= Admin; s++ {
		if name == s.String() {
			return s, nil
		}
	}
	return None, fmt.Errorf("%q is no scope: use read, act or admin", name)
}

// MarshalText implements [encoding.TextMarshaler].
func (s Scope) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// UnmarshalText implements [encoding.TextUnmarshaler].
func (s *Scope) UnmarshalText(text []byte) (err error) {
	*s, err = ParseScope(string(text))
	return err
}

// Token is what is known of a token; its secret is not.
type Token struct {
	Name    string     `json:"name"`
	Scope   Scope      `json:"scope"`
	Created time.Time  `json:"created"`
	Expires *time.Time `json:"expires"` // null: never
}

// Expired tells whether the token is of no use any more.
func (t *Token) Expired(now time.Time) bool { return t.Expires != nil && !now.Before(*t.Expires) }

// stored is a token in the file.
type stored struct {
	Token
	Hash string `json:"sha256"`
}

// Errors of [Store.Check].
var (
	ErrUnknown = errors.New("the token is not known here: it may have been revoked, or is of another collector")
	ErrExpired = errors.New("the token has expired: make a new one with weir token create")
)

// newSecret returns a secret and its hash.
func newSecret() (secret, hash string) {
	var b [32]byte
	_, _ = rand.Read(b[:]) // never fails
	secret = prefix + base64.RawURLEncoding.EncodeToString(b[:])
	return secret, hashOf(secret)
}

func hashOf(secret string) string {
	sum := sha256.Sum256([]byte(secret))
	return hex.EncodeToString(sum[:])
}

// maxName is the most bytes of a token's name.
const maxName = 64

// checkName refuses names that would not be told apart in a list or a log.
func checkName(name string) error {
	if name == "" || len(name) > maxName {
		return fmt.Errorf("the name of a token has 1 to %d characters", maxName)
	}
	if i := strings.IndexFunc(name, func(r rune) bool {
		return !strings.ContainsRune("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-@", r)
	}); i >= 0 {
		return fmt.Errorf("name %q: use letters, digits and _ . - @", name)
	}
	return nil
}

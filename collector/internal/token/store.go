package token

import (
	"crypto/subtle"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"time"
)

// maxTokens bounds the file.
const maxTokens = 1000

// Store is the file of tokens of a data folder. Several processes may use it: a daemon that checks, commands that change it. What
// a command changes counts for the daemon's next request.
type Store struct {
	path string
	now  func() time.Time

	mu     sync.Mutex
	info   os.FileInfo // of the file that tokens is of; nil: none yet
	tokens []stored
}

// New returns the tokens of a data folder; nothing is read yet.
func New(dir string, now func() time.Time) *Store {
	return &Store{path: filepath.Join(dir, FileName), now: now}
}

// Create makes a token and returns its secret, which is not kept. Without lifetime (0) it does not expire.
func (s *Store) Create(name string, scope Scope, lifetime time.Duration) (secret string, err error) {
	if err := checkName(name); err != nil {
		return "", err
	}
	if scope < Read || scope > Admin {
		return "", errors.New("a token has the scope read, act or admin")
	}
	t := stored{Token: Token{Name: name, Scope: scope, Created: s.now().UTC().Truncate(time.Second)}}
	if lifetime > 0 {
		expires := t.Created.Add(lifetime)
		t.Expires = &expires
	}
	secret, t.Hash = newSecret()
	err = s.change(func(list []stored) ([]stored, error) {
		if slices.ContainsFunc(list, func(o stored) bool { return o.Name == name }) {
			return nil, fmt.Errorf("there is a token %q already: choose another name, or revoke it first", name)
		}
		if len(list) >= maxTokens {
			return nil, fmt.Errorf("there are %d tokens: revoke those that are not used", maxTokens)
		}
		return append(list, t), nil
	})
	if err != nil {
		return "", err
	}
	return secret, nil
}

// Revoke removes a token.
func (s *Store) Revoke(name string) error {
	return s.change(func(list []stored) ([]stored, error) {
		left := slices.DeleteFunc(slices.Clone(list), func(o stored) bool { return o.Name == name })
		if len(left) == len(list) {
			return nil, fmt.Errorf("there is no token %q: weir token list shows all", name)
		}
		return left, nil
	})
}

// List returns all tokens in the order in which they were made.
func (s *Store) List() ([]Token, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.refresh(); err != nil {
		return nil, err
	}
	list := make([]Token, len(s.tokens))
	for i := range s.tokens {
		list[i] = s.tokens[i].Token
	}
	return list, nil
}

// Check returns the token of a secret. It takes as long whichever token it is, and whether it is one. Errors are [ErrUnknown],
// [ErrExpired], or that the file cannot be read.
func (s *Store) Check(secret string) (Token, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.refresh(); err != nil {
		return Token{}, err
	}
	hash, found := []byte(hashOf(secret)), -1
	for i := range s.tokens {
		if subtle.ConstantTimeCompare(hash, []byte(s.tokens[i].Hash)) == 1 {
			found = i
		}
	}
	if found < 0 {
		return Token{}, ErrUnknown
	}
	t := s.tokens[found].Token
	if t.Expired(s.now()) {
		return t, ErrExpired
	}
	return t, nil
}

// refresh reads the file where it is another one than last time; the lock is held.
func (s *Store) refresh() error {
	info, err := os.Stat(s.path)
	switch {
	case errors.Is(err, os.ErrNotExist):
		s.info, s.tokens = nil, nil
		return nil
	case err != nil:
		return fmt.Errorf("read tokens: %w", err)
	case s.info != nil && os.SameFile(info, s.info) && info.ModTime().Equal(s.info.ModTime()) && info.Size() == s.info.Size():
		return nil
	}
	list, err := read(s.path)
	if err != nil {
		return err
	}
	s.info, s.tokens = info, list
	return nil
}

func read(path string) ([]stored, error) {
	text, err := os.ReadFile(path)
	if errors.Is(err, os.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read tokens: %w", err)
	}
	var list []stored
	if err := json.Unmarshal(text, &list); err != nil {
		return nil, fmt.Errorf("read tokens: %s: %w", path, err)
	}
	return list, nil
}

// change writes the file anew. The new file is also the lock: it is made where there is none, and takes the place of the old one.
func (s *Store) change(to func([]stored) ([]stored, error)) (err error) {
	next := s.path + ".new"
	f, err := os.OpenFile(next, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if errors.Is(err, os.ErrExist) {
		return fmt.Errorf("another command changes the tokens: try again; if none does, remove %s", next)
	}
	if err != nil {
		return fmt.Errorf("change tokens: %w", err)
	}
	defer func() {
		if err != nil {
			_ = f.Close()
			_ = os.Remove(next) // the error that counts is err
		}
	}()
	list, err := read(s.path)
	if err != nil {
		return err
	}
	if list, err = to(list); err != nil {
		return err
	}
	text, err := json.MarshalIndent(list, "", "  ")
	if err != nil {
		return fmt.Errorf("change tokens: %w", err)
	}
	if _, err = f.Write(append(text, '\n')); err == nil {
		err = errors.Join(f.Sync(), f.Close())
	}
	if err == nil {
		err = os.Rename(next, s.path)
	}
	if err != nil {
		return fmt.Errorf("change tokens: %w", err)
	}
	return nil
}

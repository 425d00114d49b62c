package main

import (
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"strconv"
	"strings"
)

// cosigner verifies Ed25519 cosignatures (c2sp.org/tlog-cosignature, type 0x04) as a note.Verifier.
type cosigner struct {
	name string
	id   uint32
	key  ed25519.PublicKey
}

const (
	cosignatureType = 0x04
	mldsaType       = 0x06
)

// isMLDSA tells keys of ML-DSA-44 apart, which Go's library and this program cannot check. They
// stand beside an Ed25519 key of the same log or witness, which is checked.
func isMLDSA(vkey string) bool {
	_, rest, _ := strings.Cut(vkey, "+")
	_, encoded, _ := strings.Cut(rest, "+")
	typed, err := base64.StdEncoding.DecodeString(encoded)
	return err == nil && len(typed) > 0 && typed[0] == mldsaType
}

func newCosigner(vkey string) (*cosigner, error) {
	name, rest, _ := strings.Cut(vkey, "+")
	hex, encoded, _ := strings.Cut(rest, "+")
	id, err := strconv.ParseUint(hex, 16, 32)
	typed, err64 := base64.StdEncoding.DecodeString(encoded)
	isKey := err == nil && err64 == nil && len(typed) == 1+ed25519.PublicKeySize
	if !isKey || typed[0] != cosignatureType {
		return nil, fmt.Errorf("%q is not the key of an Ed25519 cosigner", vkey)
	}
	sum := sha256.Sum256(append([]byte(name+"\n"), typed...))
	if binary.BigEndian.Uint32(sum[:]) != uint32(id) {
		return nil, fmt.Errorf("the key id of %s is wrong", name)
	}
	return &cosigner{name: name, id: uint32(id), key: typed[1:]}, nil
}

func (c *cosigner) Name() string    { return c.name }
func (c *cosigner) KeyHash() uint32 { return c.id }

func (c *cosigner) Verify(text, signature []byte) bool {
	if len(signature) != 8+ed25519.SignatureSize {
		return false
	}
	seconds := binary.BigEndian.Uint64(signature)
	message := fmt.Sprintf("cosignature/v1\ntime %d\n%s", seconds, text)
	return ed25519.Verify(c.key, []byte(message), signature[8:])
}

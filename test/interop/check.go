package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"os"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

type checker struct {
	vkeys, cosigners []string
}

// tree is what a checkpoint says.
type tree struct {
	origin string
	tlog.Tree
}

// checkpoint reads and verifies the checkpoint in a file.
func (c checker) checkpoint(file string) (tree, error) {
	content, err := os.ReadFile(file)
	if err != nil {
		return tree{}, err
	}
	return c.signed(content)
}

func (c checker) signed(checkpoint []byte) (tree, error) {
	var verifiers []note.Verifier
	for _, vkey := range c.vkeys {
		if isMLDSA(vkey) {
			continue
		}
		verifier, err := note.NewVerifier(vkey)
		if err != nil {
			return tree{}, err
		}
		verifiers = append(verifiers, verifier)
	}
	for _, vkey := range c.cosigners {
		if isMLDSA(vkey) {
			continue
		}
		verifier, err := newCosigner(vkey)
		if err != nil {
			return tree{}, err
		}
		verifiers = append(verifiers, verifier)
	}
	opened, err := note.Open(checkpoint, note.VerifierList(verifiers...))
	if err != nil {
		return tree{}, err
	}
	head, err := parseTree(opened.Text)
	if err != nil {
		return tree{}, err
	}
	// Of the names that the signatures are valid for, the log's must be one and each cosigner's.
	names := map[string]bool{}
	for _, signature := range opened.Sigs {
		names[signature.Name] = true
	}
	wanted := []string{head.origin}
	for _, vkey := range c.cosigners {
		name, _, _ := strings.Cut(vkey, "+")
		if !isMLDSA(vkey) {
			wanted = append(wanted, name)
		}
	}
	for _, name := range wanted {
		if !names[name] {
			return tree{}, fmt.Errorf("the checkpoint is not signed by %s", name)
		}
	}
	signers := strings.Join(wanted, ", ")
	fmt.Printf("ok: checkpoint of %s, %d entries, signed by %s\n", head.origin, head.N, signers)
	return head, nil
}

func parseTree(text string) (tree, error) {
	lines := strings.Split(text, "\n")
	if len(lines) < 4 {
		return tree{}, fmt.Errorf("the note is not a checkpoint")
	}
	size, err := strconv.ParseInt(lines[1], 10, 64)
	if err != nil {
		return tree{}, err
	}
	root, err := tlog.ParseHash(lines[2])
	if err != nil {
		return tree{}, err
	}
	return tree{origin: lines[0], Tree: tlog.Tree{N: size, Hash: root}}, nil
}

// proof verifies that a record's line is in the log, by the proof file alone.
func (c checker) proof(proofFile, recordFile string) error {
	content, err := os.ReadFile(proofFile)
	if err != nil {
		return err
	}
	head, checkpoint, found := bytes.Cut(content, []byte("\n\n"))
	lines := strings.Split(string(head), "\n")
	if !found || lines[0] != "c2sp.org/tlog-proof@v1" {
		return fmt.Errorf("%s is not a proof file", proofFile)
	}
	lines = lines[1:]
	if len(lines) > 0 && strings.HasPrefix(lines[0], "extra ") {
		lines = lines[1:]
	}
	if len(lines) == 0 {
		return fmt.Errorf("%s has no index", proofFile)
	}
	index, err := strconv.ParseInt(strings.TrimPrefix(lines[0], "index "), 10, 64)
	if err != nil {
		return err
	}
	path, err := parseHashes(lines[1:])
	if err != nil {
		return err
	}
	tree, err := c.signed(checkpoint)
	if err != nil {
		return err
	}
	line, err := os.ReadFile(recordFile)
	if err != nil {
		return err
	}
	// The log's entry is the hash of the line without its newline.
	entry := sha256.Sum256(bytes.TrimSuffix(line, []byte("\n")))
	leaf := tlog.RecordHash(entry[:])
	if err := tlog.CheckRecord(path, tree.N, tree.Hash, index, leaf); err != nil {
		return err
	}
	fmt.Printf("ok: %s is entry %d\n", recordFile, index)
	return nil
}

// consistency verifies that the log of an older checkpoint is the beginning of the newer one.
func (c checker) consistency(newer tree, oldFile, proofFile string) error {
	older, err := c.checkpoint(oldFile)
	if err != nil {
		return err
	}
	content, err := os.ReadFile(proofFile)
	if err != nil {
		return err
	}
	hashes, err := parseHashes(strings.Fields(string(content)))
	if err != nil {
		return err
	}
	if err := tlog.CheckTree(hashes, newer.N, newer.Hash, older.N, older.Hash); err != nil {
		return err
	}
	fmt.Printf("ok: the first %d entries are unchanged\n", older.N)
	return nil
}

func parseHashes(lines []string) ([]tlog.Hash, error) {
	var hashes []tlog.Hash
	for _, line := range lines {
		hash, err := tlog.ParseHash(line)
		if err != nil {
			return nil, err
		}
		hashes = append(hashes, hash)
	}
	return hashes, nil
}

// tiles reads every leaf of the log from its tiles, which the library authenticates against the
// root, and compares each with the entry in its bundle.
func (c checker) tiles(head tree, dir string) error {
	reader := tlog.TileHashReader(head.Tree, folder(dir))
	for first := int64(0); first < head.N; first += 1 << tileHeight {
		width := min(head.N-first, 1<<tileHeight)
		indexes := make([]int64, width)
		for i := range indexes {
			indexes[i] = tlog.StoredHashIndex(0, first+int64(i))
		}
		leaves, err := reader.ReadHashes(indexes)
		if err != nil {
			return err
		}
		bundle, err := os.ReadFile(pathOf(dir, "entries", first>>tileHeight, int(width)))
		if err != nil {
			return err
		}
		for i, leaf := range leaves {
			if len(bundle) < 2 || len(bundle) < 2+int(binary.BigEndian.Uint16(bundle)) {
				return fmt.Errorf("the bundle of entry %d is cut off", first+int64(i))
			}
			entry := bundle[2 : 2+binary.BigEndian.Uint16(bundle)]
			bundle = bundle[2+len(entry):]
			if tlog.RecordHash(entry) != leaf {
				return fmt.Errorf("entry %d is not the one whose hash is in the tile", first+int64(i))
			}
		}
		if len(bundle) > 0 {
			return fmt.Errorf("the bundle of entry %d has surplus bytes", first)
		}
	}
	fmt.Printf("ok: %d entries in tiles and bundles\n", head.N)
	return nil
}

package main

import (
	"crypto/sha256"
	"encoding/binary"
	"flag"
	"fmt"
	"path/filepath"
	"strconv"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

// runMake writes a log of records for es-proxy to check: tiles, bundles, checkpoints of every size
// that it is asked for, and the proofs between them.
func runMake(args []string) error {
	flags := flag.NewFlagSet("make", flag.ExitOnError)
	dir := flags.String("dir", "", "the `folder` to write to")
	size := flags.Int64("size", 0, "`number` of records")
	skey := flags.String("skey", "", "the log's private `key`, PRIVATE+KEY+…")
	flags.Parse(args)
	signer, err := note.NewSigner(*skey)
	if err != nil {
		return err
	}
	log := maker{dir: *dir, signer: signer}
	for index := int64(0); index < *size; index++ {
		if err := log.append(index); err != nil {
			return err
		}
	}
	return log.write(*size)
}

type maker struct {
	dir     string
	signer  note.Signer
	hashes  hashList
	entries [][]byte
}

// hashList is a tlog.HashReader over hashes in memory.
type hashList []tlog.Hash

func (list hashList) ReadHashes(indexes []int64) ([]tlog.Hash, error) {
	var hashes []tlog.Hash
	for _, index := range indexes {
		hashes = append(hashes, list[index])
	}
	return hashes, nil
}

func recordOf(index int64) []byte { return fmt.Appendf(nil, `{"record":%d}`, index) }

func (m *maker) append(index int64) error {
	entry := sha256.Sum256(recordOf(index))
	hashes, err := tlog.StoredHashes(index, entry[:], m.hashes)
	if err != nil {
		return err
	}
	m.hashes = append(m.hashes, hashes...)
	m.entries = append(m.entries, entry[:])
	return nil
}

func (m *maker) write(size int64) error {
	for _, tile := range tlog.NewTiles(tileHeight, 0, size) {
		content, err := tlog.ReadTileData(tile, m.hashes)
		if err != nil {
			return err
		}
		path := pathOf(m.dir, strconv.Itoa(tile.L), tile.N, tile.W)
		if err := write(path, content); err != nil {
			return err
		}
		if tile.L > 0 {
			continue
		}
		var bundle []byte
		for _, entry := range m.entries[tile.N<<tileHeight:][:tile.W] {
			bundle = append(binary.BigEndian.AppendUint16(bundle, uint16(len(entry))), entry...)
		}
		if err := write(pathOf(m.dir, "entries", tile.N, tile.W), bundle); err != nil {
			return err
		}
	}
	checkpoint, err := m.checkpoint(size)
	if err != nil {
		return err
	}
	if err := write(filepath.Join(m.dir, "checkpoint"), checkpoint); err != nil {
		return err
	}
	for _, part := range []int64{0, 1, 2, 3, 5, 8} {
		// Spread over the log: the first and the last record, and some between.
		if err := m.writeProofs(size, (size-1)*part/8, checkpoint); err != nil {
			return err
		}
	}
	return nil
}

func (m *maker) checkpoint(size int64) ([]byte, error) {
	root, err := tlog.TreeHash(size, m.hashes)
	if err != nil {
		return nil, err
	}
	text := fmt.Sprintf("%s\n%d\n%s\n", m.signer.Name(), size, root)
	return note.Sign(&note.Note{Text: text}, m.signer)
}

// writeProofs proves record number index, and that the log up to and with it is unchanged.
func (m *maker) writeProofs(size, index int64, checkpoint []byte) error {
	path, err := tlog.ProveRecord(size, index, m.hashes)
	if err != nil {
		return err
	}
	head := fmt.Sprintf("c2sp.org/tlog-proof@v1\nindex %d\n%s", index, lines(path))
	older, err := m.checkpoint(index + 1)
	if err != nil {
		return err
	}
	growth, err := tlog.ProveTree(size, index+1, m.hashes)
	if err != nil {
		return err
	}
	files := map[string][]byte{
		"record":      append(recordOf(index), '\n'),
		"tlog-proof":  fmt.Appendf(nil, "%s\n%s", head, checkpoint),
		"checkpoint":  older,
		"consistency": []byte(lines(growth)),
	}
	for ending, content := range files {
		name := fmt.Sprintf("%d.%s", index, ending)
		if err := write(filepath.Join(m.dir, "proofs", name), content); err != nil {
			return err
		}
	}
	return nil
}

func lines(hashes []tlog.Hash) string {
	text := ""
	for _, hash := range hashes {
		text += hash.String() + "\n"
	}
	return text
}

package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"

	"golang.org/x/mod/sumdb/tlog"
)

// tileHeight is that of c2sp.org/tlog-tiles: 2^8 hashes in a full tile.
const tileHeight = 8

// folder is a log's folder; a tlog.TileReader.
type folder string

func (dir folder) Height() int { return tileHeight }

func (dir folder) ReadTiles(tiles []tlog.Tile) ([][]byte, error) {
	var contents [][]byte
	for _, tile := range tiles {
		content, err := os.ReadFile(pathOf(string(dir), strconv.Itoa(tile.L), tile.N, tile.W))
		if err != nil {
			return nil, err
		}
		contents = append(contents, content)
	}
	return contents, nil
}

func (dir folder) SaveTiles([]tlog.Tile, [][]byte) {}

// pathOf names the file of a tile, as c2sp.org/tlog-tiles does.
func pathOf(dir, level string, index int64, width int) string {
	name := fmt.Sprintf("%03d", index%1000)
	for rest := index / 1000; rest > 0; rest /= 1000 {
		name = fmt.Sprintf("x%03d/%s", rest%1000, name)
	}
	if width != 1<<tileHeight {
		name += fmt.Sprintf(".p/%d", width)
	}
	return filepath.Join(dir, "tile", level, name)
}

// write makes a file and the folders above it.
func write(path string, content []byte) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	return os.WriteFile(path, content, 0o644)
}

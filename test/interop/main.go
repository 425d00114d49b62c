// Command interop checks the transparency logs of es-proxy with a library that is not es-proxy's:
// golang.org/x/mod/sumdb, which serves Go's checksum database. It also makes a log for es-proxy to
// check.
//
//	interop check -vkey KEY -proof FILE -record FILE       offline proof of one record
//	interop check -vkey KEY -checkpoint FILE -tiles DIR    all tiles and entries of a log
//	interop check -vkey KEY -checkpoint FILE -old FILE -consistency FILE
//	interop make  -skey KEY -dir DIR -size N
//
// KEY is the key itself, or @FILE with one key a line; keys of ML-DSA-44 are passed over. Exit code
// 0: everything that was asked for holds; 1: something does not, and stderr says what; 2: wrong
// usage.
package main

import (
	"flag"
	"fmt"
	"os"
	"strings"
)

func main() {
	if len(os.Args) < 2 {
		usage()
	}
	var err error
	switch os.Args[1] {
	case "check":
		err = runCheck(os.Args[2:])
	case "make":
		err = runMake(os.Args[2:])
	default:
		usage()
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "interop:", err)
		os.Exit(1)
	}
}

func usage() {
	fmt.Fprintln(os.Stderr, "usage: interop check|make [flags]; see interop check -h, interop make -h")
	os.Exit(2)
}

// keyList is a flag that may be given several times: keys, or @FILE with one key a line.
type keyList []string

func (list *keyList) String() string { return strings.Join(*list, " ") }

func (list *keyList) Set(value string) error {
	if file, isFile := strings.CutPrefix(value, "@"); isFile {
		content, err := os.ReadFile(file)
		if err != nil {
			return err
		}
		*list = append(*list, strings.Fields(string(content))...)
		return nil
	}
	*list = append(*list, value)
	return nil
}

func runCheck(args []string) error {
	flags := flag.NewFlagSet("check", flag.ExitOnError)
	var vkeys, cosigners keyList
	flags.Var(&vkeys, "vkey", "a `key` of the log; one of them must have signed")
	flags.Var(&cosigners, "cosigner", "an Ed25519 `key` of a witness; each must have cosigned")
	checkpoint := flags.String("checkpoint", "", "the checkpoint's `file`; default: the proof's")
	proof := flags.String("proof", "", "a .tlog-proof `file`")
	record := flags.String("record", "", "the `file` with the record's line")
	tiles := flags.String("tiles", "", "the log's `folder`, with tile/ in it")
	old := flags.String("old", "", "the `file` of an older checkpoint")
	consistency := flags.String("consistency", "", "a `file` with the hashes of a consistency proof")
	flags.Parse(args)

	check := checker{vkeys: vkeys, cosigners: cosigners}
	if *proof != "" {
		if err := check.proof(*proof, *record); err != nil {
			return err
		}
	}
	if *checkpoint == "" {
		if *proof == "" {
			return fmt.Errorf("there is nothing to check: give -checkpoint or -proof")
		}
		return nil
	}
	tree, err := check.checkpoint(*checkpoint)
	if err != nil {
		return err
	}
	if *old != "" {
		if err := check.consistency(tree, *old, *consistency); err != nil {
			return err
		}
	}
	if *tiles != "" {
		return check.tiles(tree, *tiles)
	}
	return nil
}

/** A program of some lines that goes from a record to the root of a checkpoint. */

/** Name of the file in the archive. */
export const checkPathFile = "check_path.py";

/**
 * Python 3, without any package: the path is hashed as RFC 9162 §2.1.3.2 says. It is short so that
 * it can be read, or written anew by who does not believe it.
 */
export const checkPathProgram = `import base64, hashlib, sys

# Usage: python3 check_path.py RECORD PROOF
# Computes the root of the log from a record and the hashes of its proof (RFC 9162, 2.1.3.2).
sha256 = lambda data: hashlib.sha256(data).digest()
record, proof = (open(name, "rb").read() for name in sys.argv[1:3])
head, checkpoint = proof.split(b"\\n\\n", 1)
lines = head.decode().split("\\n")
place = int(lines[1].split()[1])
origin, size, root = checkpoint.decode().split("\\n")[:3]
node, last = sha256(b"\\0" + sha256(record)), int(size) - 1
for line in lines[2:]:
    sibling = base64.b64decode(line)
    if place % 2 == 1 or place == last:
        node = sha256(b"\\1" + sibling + node)
        while place % 2 == 0 and place != 0:
            place, last = place // 2, last // 2
    else:
        node = sha256(b"\\1" + node + sibling)
    place, last = place // 2, last // 2
fits = last == 0 and node == base64.b64decode(root)
print("the record is in the log " + origin if fits else "the record is NOT in the log")
sys.exit(0 if fits else 1)
`;

#!/usr/bin/env python3
"""A second verifier of evidence packages, to read and to compare with the first.

    python3 verify.py PACKAGE.zip ...

It needs Python's standard library and ssh-keygen, nothing of the product. It
prints one line a package, and ends with 1 when one of them is altered. Compare
the fingerprint it prints with one you got another way.
"""
import base64, hashlib, io, json, os, struct, subprocess, sys, tempfile, zipfile, zlib

def sha(b):
    return hashlib.sha256(b).hexdigest()

def container(files):
    """The one form a package has: stored, no dates, no extra fields."""
    body, directory = b"", b""
    for name, data in files:
        n = name.encode()
        common = struct.pack("<HHHHHIIIHH", 20, 2048, 0, 0, 33, zlib.crc32(data), len(data), len(data), len(n), 0)
        directory += b"PK\1\2" + struct.pack("<H", 20) + common + struct.pack("<HHHII", 0, 0, 0, 0, len(body)) + n
        body += b"PK\3\4" + common + n + data
    end = struct.pack("<IHHIIH", 0, len(files), len(files), len(directory), len(body), 0)
    return body + directory + b"PK\5\6" + end

def verify(path):
    raw = open(path, "rb").read()
    with zipfile.ZipFile(io.BytesIO(raw)) as z:
        files = [(i.filename, z.read(i)) for i in z.infolist()]
    have = dict(files)
    wrong = [] if container(files) == raw else ["the wrapping is not the one form"]
    sums = [line.split("  ", 1) for line in have["SHA256SUMS"].decode().splitlines()]
    if [n for n, _ in files] != [n for _, n in sums] + ["SHA256SUMS", "SHA256SUMS.sig"]:
        wrong.append("files are missing, added, renamed or moved")
    wrong += [n for s, n in sums if sha(have.get(n, b"")) != s]
    manifest = json.loads(have["data/manifest.json"])
    wrong += [f["path"] for f in manifest["files"] if sha(have.get(f["path"], b"")) != f["sha256"]]
    with tempfile.TemporaryDirectory() as d:
        for n in ("allowed_signers", "SHA256SUMS.sig"):
            open(os.path.join(d, n), "wb").write(have[n])
        done = subprocess.run(["ssh-keygen", "-Y", "verify", "-f", "allowed_signers", "-I", "logreeve", "-n", "evidence@logreeve",
                               "-s", "SHA256SUMS.sig"], input=have["SHA256SUMS"], cwd=d, capture_output=True)
    text = base64.b64encode(base64.b64decode(b"".join(have["SHA256SUMS.sig"].splitlines()[1:-1])))
    lines = [b"-----BEGIN SSH SIGNATURE-----"] + [text[i:i + 70] for i in range(0, len(text), 70)] + [b"-----END SSH SIGNATURE-----", b""]
    if done.returncode or b"\n".join(lines) != have["SHA256SUMS.sig"]:
        wrong.append("SHA256SUMS.sig: " + done.stderr.decode(errors="replace").strip())
    return sorted(set(wrong)), done.stdout.decode(errors="replace").strip()

if __name__ == "__main__":
    altered = False
    for name in sys.argv[1:]:
        try:
            wrong, signed = verify(name)
        except Exception as e:  # whatever cannot be read is not as it was sealed
            wrong, signed = ["cannot be read: %s" % e], ""
        altered |= bool(wrong)
        print(name, "ALTERED " + ", ".join(wrong) if wrong else "valid. " + signed)
    sys.exit(altered)

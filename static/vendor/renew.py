"""Renews everything under static/vendor/: python static/vendor/renew.py (needs npm).

Packages and versions stand here; each folder gets a VERSION file and the licence. The icon
sprite holds the names in icons.txt: add a name there and run this to have one more icon.
"""

import json
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
# package -> (version, folder, {file in the package: file here})
PACKAGES = {
    "@tabler/core": ("1.6.1", "tabler", {"dist/css/tabler.min.css": "tabler.min.css"}),
    "@fontsource-variable/inter": (
        "5.3.0",
        "inter",
        {
            "files/inter-latin-wght-normal.woff2": "inter-latin.woff2",
            "files/inter-latin-ext-wght-normal.woff2": "inter-latin-ext.woff2",
        },
    ),
    "htmx.org": ("2.0.11", "htmx", {"dist/htmx.min.js": "htmx.min.js"}),
    # The same version as the plotly package on the server draws with.
    "plotly.js-cartesian-dist-min": (
        "4.1.1",
        "plotly",
        {"plotly-cartesian.min.js": "plotly-cartesian.min.js"},
    ),
    "@tabler/icons": ("3.51.0", "icons", {}),
}


def main() -> None:
    for package, (version, folder, files) in PACKAGES.items():
        target = HERE / folder
        shutil.rmtree(target, ignore_errors=True)
        target.mkdir()
        with tempfile.TemporaryDirectory() as scratch:
            source = fetch(f"{package}@{version}", Path(scratch))
            for origin, name in files.items():
                content = (source / origin).read_bytes()
                # Source maps are not shipped, so nothing may point at them.
                content = re.sub(rb"(/\*|//)# sourceMappingURL=\S+(\*/)?", b"", content)
                (target / name).write_bytes(content)
            if folder == "icons":
                (target / "sprite.svg").write_text(sprite(source / "icons" / "outline"))
            licences = list(source.glob("LICENSE*"))
            if licences:
                shutil.copy(licences[0], target / "LICENSE")
            else:
                facts = json.loads((source / "package.json").read_text())
                author = facts["author"]
                name = author["name"] if isinstance(author, dict) else author
                line = f"{facts['name']} is published under the {facts['license']} licence by {name}.\n"
                (target / "LICENSE").write_text(line)
        (target / "VERSION").write_text(f"{package} {version}\n")


def fetch(package: str, scratch: Path) -> Path:
    done = subprocess.run(
        ["npm", "pack", "--silent", package],  # noqa: S607
        cwd=scratch,
        capture_output=True,
        text=True,
    )
    if done.returncode:
        sys.exit(f"npm could not fetch {package}: {done.stderr.strip()}")
    with tarfile.open(next(scratch.glob("*.tgz"))) as archive:
        archive.extractall(scratch, filter="data")
    return next(path for path in scratch.iterdir() if path.is_dir())


def sprite(folder: Path) -> str:
    symbols = []
    for name in sorted(set((HERE / "icons.txt").read_text().split())):
        svg = (folder / f"{name}.svg").read_text()
        inner = re.search(r"<svg[^>]*>(.*)</svg>", svg, re.DOTALL)
        assert inner, name
        paths = re.sub(r"\s*\n\s*", "", inner.group(1))
        symbols.append(f'<symbol id="{name}" viewBox="0 0 24 24">{paths}</symbol>')
    return '<svg xmlns="http://www.w3.org/2000/svg">' + "\n".join(symbols) + "</svg>\n"


if __name__ == "__main__":
    main()

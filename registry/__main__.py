"""``python -m registry``: writes the files that are made from metrics.yml, and says which of them changed."""

from registry.entries import metrics
from registry.generated import ROOT, files


def main() -> None:
    for path, text in files(metrics()).items():
        if not path.exists() or path.read_text() != text:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
            print(f"{path.relative_to(ROOT)} is made anew")


if __name__ == "__main__":
    main()

#!/bin/sh
# Decrypts a phone's configuration (.cnf.xml.enc.sgn) with the phone's private key, by openssl alone: what the phone does,
# without a line of Sealtone's own code. The format is doc/protocols/files.md, section 4.
#
# usage: decrypt-config.sh FILE.cnf.xml.enc.sgn KEY.pem > FILE.cnf.xml
set -eu
[ $# -eq 2 ] || { sed -n '5s/^# //p' "$0" >&2; exit 2; }
file=$1 key=$2
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# number OFFSET SIZE: a big-endian number of the file
number() {
	n=0
	for byte in $(od -An -v -tu1 -j "$1" -N "$2" "$file"); do n=$((n * 256 + byte)); done
	echo "$n"
}

# The header is elements of tag (1 byte), length (2) and value; 3, 7, 9, 16, 17 and 21 hold other elements.
at=0 end=$(wc -c < "$file") iv='' wrapped='' padding=''
while [ "$at" -lt "$end" ]; do
	tag=$(number "$at" 1) length=$(number $((at + 1)) 2) value=$((at + 3))
	case $tag in
	13) break ;;
	2) end=$(number "$value" 2) ;;
	19) iv=$(od -An -v -tx1 -j "$value" -N "$length" "$file" | tr -d ' \n') ;;
	20) padding=$(number "$value" 2) ;;
	25) wrapped=yes; tail -c +$((value + 1)) "$file" | head -c "$length" > "$work/wrapped" ;;
	esac
	at=$value
	case $tag in 3 | 7 | 9 | 16 | 17 | 21) ;; *) at=$((at + length)) ;; esac
done
[ -n "$iv" ] && [ -n "$wrapped" ] && [ -n "$padding" ] || { echo "$file: not an encrypted configuration" >&2; exit 1; }

openssl pkeyutl -decrypt -inkey "$key" -pkeyopt rsa_padding_mode:pkcs1 -in "$work/wrapped" -out "$work/aes"
tail -c +$((end + 1)) "$file" > "$work/body"
openssl enc -d -aes-128-cbc -nopad -K "$(od -An -v -tx1 "$work/aes" | tr -d ' \n')" -iv "$iv" -in "$work/body" -out "$work/padded"
padded=$(wc -c < "$work/padded")
head -c $((padded - padding)) "$work/padded"

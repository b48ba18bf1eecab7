import ZLColumnar

/// Some bits of a sort key: a column of words of which only `bits` bits from `shift` on differ between rows.
struct SortPart: Sendable {
    /// One word a row; for `isByte` one byte a row.
    let words: Buffer
    let isByte: Bool
    let shift: Int
    let bits: Int

    /// The parts of all keys, the most significant first; nil where the words of a key do not say all: text with many different
    /// values.
    static func all(of keys: [SortColumn], count: Int) -> [SortPart]? {
        var parts: [SortPart] = []
        for key in keys {
            if let ranks = key.nullRanks { parts.append(SortPart(words: ranks, isByte: true, shift: 0, bits: 2)) }
            if let strings = key.strings {
                guard let ranks = textRanks(strings, isDescending: key.isDescending) else { return nil }
                parts += differing(ranks, count)
            } else {
                parts += differing(key.words, count)
            }
            if let low = key.lowWords { parts += differing(low, count) }
        }
        return parts
    }

    private static func differing(_ words: Buffer, _ count: Int) -> [SortPart] {
        let values = words.values(UInt64.self)
        var all: UInt64 = .max
        var any: UInt64 = 0
        for row in 0..<count {
            all &= values[row]
            any |= values[row]
        }
        let different = all ^ any
        guard different != 0 else { return [] }
        let shift = different.trailingZeroBitCount
        return [SortPart(words: words, isByte: false, shift: shift, bits: 64 - different.leadingZeroBitCount - shift)]
    }

    /// The place of each text among the different ones; NULLs have place 0.
    private static func textRanks(_ strings: ColumnVector, isDescending: Bool) -> Buffer? {
        guard let coded = StringDictionary.build([strings]), let dictionary = coded.dictionary else { return nil }
        let ranks = Buffer(byteCount: max(16, coded.count * 8))
        let target = ranks.values(UInt64.self)
        let last = UInt64(dictionary.count - 1)
        for row in 0..<coded.count {
            let place = UInt64(coded.codes[row])
            target[row] = coded.isNull(row) ? 0 : isDescending ? last - place : place
        }
        return withExtendedLifetime(coded) { ranks }
    }

    /// Neighbouring parts that fit one word together, the most significant group first.
    static func groups(_ parts: [SortPart]) -> [[SortPart]] {
        var groups: [[SortPart]] = []
        for part in parts.reversed() {
            if let group = groups.last, group.reduce(part.bits, { $0 + $1.bits }) <= 64 {
                groups[groups.count - 1].insert(part, at: 0)
            } else {
                groups.append([part])
            }
        }
        return groups.reversed()
    }

    /// One word for each of `rows`, the first part in its highest bits.
    static func packed(_ parts: [SortPart], rows: Buffer, count: Int, threads: Int) throws -> Buffer {
        let keys = Buffer(byteCount: max(16, count * 8))
        let pieces = count > 1 << 16 ? threads : 1
        try WorkerPool.shared.forEach(count: pieces, threads: threads) { piece in
            let range = count * piece / pieces..<count * (piece + 1) / pieces
            let target = keys.values(UInt64.self)
            let numbers = rows.values(UInt32.self)
            for (index, part) in parts.enumerated() {
                let kept = index == 0 ? UInt64(0) : .max
                let mask: UInt64 = part.bits == 64 ? .max : (1 << UInt64(part.bits)) - 1
                if part.isByte {
                    let bytes = part.words.values(UInt8.self)
                    for row in range { target[row] = (target[row] & kept) << UInt64(part.bits) | UInt64(bytes[Int(numbers[row])]) }
                } else {
                    let words = part.words.values(UInt64.self)
                    let (shift, bits) = (UInt64(part.shift), UInt64(part.bits))
                    for row in range {
                        target[row] = (target[row] & kept) << bits | ((words[Int(numbers[row])] >> shift) & mask)
                    }
                }
            }
        }
        return keys
    }
}

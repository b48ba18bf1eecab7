import Glibc

/// Text columns whose values repeat, as codes into their distinct values in binary order.
package enum StringDictionary {
    /// More distinct values than this are no dictionary.
    static let limit = 1 << 16

    /// The rows of all pieces as one column in dictionary form; nil where it would not be smaller, and for layouts other than text.
    ///
    /// Rows that are NULL have code 0. - Complexity: O(rows + d log d) for d distinct values
    package static func build(_ pieces: [ColumnVector]) -> ColumnVector? {
        let count = pieces.reduce(0) { $0 + $1.count }
        guard let type = pieces.first?.type, type.physical == .string, count > 1 else { return nil }
        let texts = DistinctTexts(most: min(limit, count / 4 + 1))
        let codes = Buffer(byteCount: count * 4)
        let target = codes.values(UInt32.self)
        var validity: ValidityBitmap?
        var place = 0
        for piece in pieces {
            guard texts.number(piece, into: target + place) else { return nil }
            if piece.mayHaveNulls {
                let bitmap = validity ?? ValidityBitmap(count: count, allValid: true)
                for row in 0..<piece.count where piece.isNull(row) { bitmap.setNull(place + row) }
                validity = bitmap
            }
            place += piece.count
        }
        guard texts.count > 0 else { return nil }
        let (dictionary, ranks) = texts.sorted(type)
        ranks.withUnsafeBufferPointer { ranks in
            for row in 0..<count { target[row] = ranks[Int(target[row])] }
        }
        if let validity {
            for row in 0..<count where !validity.isValid(row) { target[row] = 0 }
        }
        return withExtendedLifetime(pieces) {
            ColumnVector(type: type, form: .dictionary, count: count, buffer: codes, validity: validity, dictionary: dictionary)
        }
    }
}

/// Numbers distinct texts in the order in which they turn up. Their bytes are those of the vectors they came in.
private final class DistinctTexts {
    private(set) var count = 0
    private let most: Int
    private var texts: Buffer
    /// Upper half of the hash, then number + 1 in the lower half; 0 is empty.
    private var slots: Buffer
    private var slotCount = 2048
    private static let tagMask: UInt64 = 0xFFFF_FFFF_0000_0000

    /// Numbers of the codes of the dictionary that was met last, `ColumnVector.noRow` where not known.
    private var dictionary: ColumnVector?
    private var translation = Buffer(byteCount: 16)

    /// - Parameter most: more texts than this are not numbered.
    init(most: Int) {
        self.most = most
        texts = Buffer(byteCount: slotCount / 2 * 16)
        slots = Buffer(byteCount: slotCount * 8)
        slots.zero()
    }

    /// Numbers the rows, 0 for NULL; false where the texts are too many.
    func number(_ column: ColumnVector, into target: UnsafeMutablePointer<UInt32>) -> Bool {
        if column.form == .dictionary, let dictionary = column.dictionary { return number(column, of: dictionary, into: target) }
        let flat = column.flattened()
        return withExtendedLifetime(flat) { number(flat.values(StringView.self), NullMask(flat), flat.count, into: target) }
    }

    private func number(
        _ views: UnsafePointer<StringView>, _ nulls: NullMask?, _ rows: Int, into target: UnsafeMutablePointer<UInt32>
    ) -> Bool {
        var (table, mask, known, count) = (slots.values(UInt64.self), slotCount - 1, texts.values(StringView.self), count)
        for row in 0..<rows {
            if let nulls, nulls.isNull(row) {
                target[row] = 0
                continue
            }
            let hash = DistinctTexts.hash(views + row)
            let tag = hash & DistinctTexts.tagMask
            var slot = Int(truncatingIfNeeded: hash) & mask
            var number = -1
            while table[slot] != 0 {
                let entry = table[slot]
                if entry & DistinctTexts.tagMask == tag, known[Int(entry & ~DistinctTexts.tagMask) - 1] == views[row] {
                    number = Int(entry & ~DistinctTexts.tagMask) - 1
                    break
                }
                slot = (slot + 1) & mask
            }
            if number < 0 {
                if count == most { return false }
                number = count
                known[count] = views[row]
                count += 1
                table[slot] = tag | UInt64(count)
                if count * 2 == slotCount {
                    self.count = count
                    grow()
                    (table, mask, known) = (slots.values(UInt64.self), slotCount - 1, texts.values(StringView.self))
                }
            }
            target[row] = UInt32(truncatingIfNeeded: number)
        }
        self.count = count
        return true
    }

    /// Looks each entry of the dictionary up once.
    private func number(_ column: ColumnVector, of dictionary: ColumnVector, into target: UnsafeMutablePointer<UInt32>) -> Bool {
        if self.dictionary !== dictionary {
            self.dictionary = dictionary
            translation = Buffer(byteCount: dictionary.count * 4)
            translation.values(UInt32.self).update(repeating: ColumnVector.noRow, count: dictionary.count)
        }
        let (translation, codes, nulls) = (translation.values(UInt32.self), column.codes, NullMask(column))
        let entries = dictionary.values(StringView.self)
        for row in 0..<column.count {
            if nulls.isNull(row) {
                target[row] = 0
                continue
            }
            let code = Int(codes[row])
            if translation[code] == ColumnVector.noRow {
                guard number(entries + code, nil, 1, into: translation + code) else { return false }
            }
            target[row] = translation[code]
        }
        return true
    }

    @inline(never)
    private func grow() {
        let moreTexts = Buffer(byteCount: texts.byteCount * 4)
        moreTexts.address.copyMemory(from: texts.address, byteCount: count * 16)
        texts = moreTexts
        slotCount *= 4
        slots = Buffer(byteCount: slotCount * 8)
        slots.zero()
        let (table, known) = (slots.values(UInt64.self), texts.values(StringView.self))
        for number in 0..<count {
            let hash = DistinctTexts.hash(known + number)
            var slot = Int(truncatingIfNeeded: hash) & (slotCount - 1)
            while table[slot] != 0 { slot = (slot + 1) & (slotCount - 1) }
            table[slot] = hash & DistinctTexts.tagMask | UInt64(number + 1)
        }
    }

    /// The texts in binary order, with bytes of their own, and the place of each number among them.
    func sorted(_ type: DataType) -> (texts: ColumnVector, ranks: [UInt32]) {
        let known = UnsafePointer(texts.values(StringView.self))
        // why: the first bytes tell most texts apart without a look at memory elsewhere
        var order = (0..<count).map { (prefix: (known + $0).prefix, number: $0) }
        order.sort { a, b in
            a.prefix == b.prefix ? StringView.compare(known + a.number, known + b.number) < 0 : a.prefix < b.prefix
        }
        let entries = Buffer(byteCount: max(16, count * 16))
        let heap = StringHeap()
        var ranks = [UInt32](repeating: 0, count: count)
        for (place, entry) in order.enumerated() {
            ranks[entry.number] = UInt32(truncatingIfNeeded: place)
            entries.values(StringView.self)[place] = heap.view(copying: (known + entry.number).bytes)
        }
        return (ColumnVector(type: type, count: count, buffer: entries, heaps: [heap]), ranks)
    }

    @inline(__always)
    private static func hash(_ view: UnsafePointer<StringView>) -> UInt64 {
        var hash = view.pointee.head &* 0x9E37_79B9_7F4A_7C15
        if view.pointee.isInline {
            hash = (hash ^ hash >> 32 ^ view.pointee.tail) &* 0xC2B2_AE3D_27D4_EB4F
        } else {
            hash = longHash(hash, view.bytes)
        }
        return hash ^ hash >> 32
    }

    private static func longHash(_ start: UInt64, _ bytes: UnsafeRawBufferPointer) -> UInt64 {
        var hash = start
        var place = 0
        while place + 8 <= bytes.count {
            hash = (hash ^ bytes.loadUnaligned(fromByteOffset: place, as: UInt64.self)) &* 0xC2B2_AE3D_27D4_EB4F
            hash ^= hash >> 29
            place += 8
        }
        let last = bytes.loadUnaligned(fromByteOffset: bytes.count - 8, as: UInt64.self)
        return (hash ^ last) &* 0x9E37_79B9_7F4A_7C15
    }
}

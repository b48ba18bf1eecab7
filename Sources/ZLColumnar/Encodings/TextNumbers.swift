import CKernels

/// Numbers distinct texts 0, 1, 2, ... in the order in which they turn up.
///
/// Linear probing over slots of (hash tag, number) at a load of at most one half; the views lie in one array. Entries of a dictionary are
/// looked up once each.
package final class TextNumbers {
    package private(set) var count = 0
    private let most: Int
    /// Where the bytes of long texts are kept; nil where those that came in stay alive.
    private let heap: StringHeap?
    /// Number of NULL, where it has one.
    private var null: Int?
    private let numbersNull: Bool
    private var views: Buffer
    /// Upper half of the hash, then number + 1 in the lower half; 0 is empty.
    private var slots: Buffer
    private var slotCount = 1024
    /// Numbers of the codes of the dictionary that was met last, `ColumnVector.noRow` where not known.
    private var dictionary: ColumnVector?
    private var translation = Buffer(byteCount: 16)

    private static let tagMask: UInt64 = 0xFFFF_FFFF_0000_0000
    /// Rows that are hashed before any of them is looked up.
    private static let rowsAtOnce = 512
    private static let prefetchDistance = 16
    /// Smaller tables stay in the cache by themselves.
    private static let prefetchFrom = 1 << 14

    /// - Parameters:
    ///   - most: more texts than this are not numbered.
    ///   - keepsBytes: the texts are needed longer than the vectors they come in.
    ///   - numbersNull: NULL is a value like others; else its rows are numbered 0.
    package init(most: Int, keepsBytes: Bool, numbersNull: Bool) {
        self.most = most
        self.numbersNull = numbersNull
        heap = keepsBytes ? StringHeap() : nil
        views = Buffer(byteCount: slotCount / 2 * 16)
        slots = Buffer(byteCount: slotCount * 8)
        slots.zero()
    }

    /// Numbers the rows; false where the texts are too many.
    ///
    /// - Complexity: O(bytes of the rows, or of the dictionary where there is one)
    package func number(_ column: ColumnVector, into target: UnsafeMutablePointer<UInt32>) -> Bool {
        if column.form == .dictionary, let dictionary = column.dictionary { return number(column, of: dictionary, into: target) }
        if column.form == .constant {
            guard number(column.resized(to: 1).flattened(), into: target) else { return false }
            target.update(repeating: target[0], count: column.count)
            return true
        }
        let flat = column.flattened()
        return withExtendedLifetime(flat) {
            let nulls = NullMask(flat)
            for start in stride(from: 0, to: flat.count, by: TextNumbers.rowsAtOnce) {
                let rows = start..<min(flat.count, start + TextNumbers.rowsAtOnce)
                let allNumbered = nulls.mayHaveNulls
                    ? number(flat.values(StringView.self), rows, into: target) { nulls.isNull($0) }
                    : number(flat.values(StringView.self), rows, into: target) { _ in false }
                if !allNumbered { return false }
            }
            return true
        }
    }

    private func number(_ column: ColumnVector, of dictionary: ColumnVector, into target: UnsafeMutablePointer<UInt32>) -> Bool {
        if self.dictionary !== dictionary {
            self.dictionary = dictionary
            translation = Buffer(byteCount: dictionary.count * 4)
            translation.values(UInt32.self).update(repeating: ColumnVector.noRow, count: dictionary.count)
        }
        let (translation, codes, nulls) = (translation.values(UInt32.self), column.codes, NullMask(column))
        let entries = dictionary.values(StringView.self)
        if !nulls.mayHaveNulls, column.count > 0, numberOneCode(codes, column.count, entries, translation, into: target) { return true }
        for row in 0..<column.count {
            if nulls.isNull(row) {
                target[row] = nullNumber()
                continue
            }
            let code = Int(codes[row])
            if translation[code] == ColumnVector.noRow, !number(entries, code..<code + 1, into: translation, isNull: { _ in false }) {
                return false
            }
            target[row] = translation[code]
        }
        return true
    }

    /// Numbers rows that all have one code; false where they have not, or the text cannot be numbered.
    private func numberOneCode(
        _ codes: UnsafePointer<UInt32>, _ count: Int, _ entries: UnsafePointer<StringView>, _ translation: UnsafeMutablePointer<UInt32>,
        into target: UnsafeMutablePointer<UInt32>
    ) -> Bool {
        let code = codes[0]
        var differences: UInt32 = 0
        for row in 0..<count { differences |= codes[row] ^ code }
        guard differences == 0 else { return false }
        let place = Int(code)
        guard translation[place] != ColumnVector.noRow || number(entries, place..<place + 1, into: translation, isNull: { _ in false }) else { return false }
        target.update(repeating: translation[place], count: count)
        return true
    }

    private func nullNumber() -> UInt32 {
        guard numbersNull else { return 0 }
        if let null { return UInt32(truncatingIfNeeded: null) }
        null = count
        views.values(StringView.self)[count] = StringView()
        count += 1
        growIfFull()
        return UInt32(truncatingIfNeeded: count - 1)
    }

    @inline(__always)
    private func number(
        _ texts: UnsafePointer<StringView>, _ rows: Range<Int>, into target: UnsafeMutablePointer<UInt32>, isNull: (Int) -> Bool
    ) -> Bool {
        withUnsafeTemporaryAllocation(of: UInt64.self, capacity: rows.count) { scratch in
            guard let hashes = scratch.baseAddress else { return true }
            for row in rows { hashes[row - rows.lowerBound] = isNull(row) ? 0 : TextNumbers.hash(texts + row) }
            // why: what the loop changes is held in variables, for the table's own fields are retained at each touch
            var (table, mask, known, count) = (slots.values(UInt64.self), slotCount - 1, views.values(StringView.self), count)
            for row in rows {
                let place = row - rows.lowerBound
                if mask >= TextNumbers.prefetchFrom, place + TextNumbers.prefetchDistance < rows.count {
                    zl_prefetch(table + (Int(truncatingIfNeeded: hashes[place + TextNumbers.prefetchDistance]) & mask))
                    let near = table[Int(truncatingIfNeeded: hashes[place + TextNumbers.prefetchDistance / 2]) & mask]
                    zl_prefetch(known + max(Int(near & ~TextNumbers.tagMask) - 1, 0))
                }
                if isNull(row) {
                    self.count = count
                    target[row] = nullNumber()
                    (table, mask, known, count) = (slots.values(UInt64.self), slotCount - 1, views.values(StringView.self), self.count)
                    continue
                }
                let tag = hashes[place] & TextNumbers.tagMask
                var slot = Int(truncatingIfNeeded: hashes[place]) & mask
                var number = -1
                while table[slot] != 0 {
                    let entry = table[slot]
                    if entry & TextNumbers.tagMask == tag, known[Int(entry & ~TextNumbers.tagMask) - 1] == texts[row] {
                        number = Int(entry & ~TextNumbers.tagMask) - 1
                        break
                    }
                    slot = (slot + 1) & mask
                }
                if number < 0 {
                    if count == most { return false }
                    number = count
                    known[count] = heap?.view(copying: (texts + row).bytes) ?? texts[row]
                    count += 1
                    table[slot] = tag | UInt64(count)
                    if count * 2 == slotCount {
                        self.count = count
                        growIfFull()
                        (table, mask, known) = (slots.values(UInt64.self), slotCount - 1, views.values(StringView.self))
                    }
                }
                target[row] = UInt32(truncatingIfNeeded: number)
            }
            self.count = count
            return true
        }
    }

    @inline(never)
    private func growIfFull() {
        guard count * 2 >= slotCount else { return }
        slotCount *= slotCount < 1 << 16 ? 4 : 2
        let moreViews = Buffer(byteCount: slotCount / 2 * 16)
        moreViews.address.copyMemory(from: views.address, byteCount: count * 16)
        views = moreViews
        slots = Buffer(byteCount: slotCount * 8)
        slots.zero()
        let (table, known) = (slots.values(UInt64.self), views.values(StringView.self))
        for number in 0..<count where number != null {
            let hash = TextNumbers.hash(known + number)
            var slot = Int(truncatingIfNeeded: hash) & (slotCount - 1)
            while table[slot] != 0 { slot = (slot + 1) & (slotCount - 1) }
            table[slot] = hash & TextNumbers.tagMask | UInt64(number + 1)
        }
    }

    /// The texts in order of their numbers. For texts that are kept.
    package func keyColumn(_ type: DataType) -> ColumnVector {
        let copy = Buffer(byteCount: max(16, count * 16))
        copy.address.copyMemory(from: views.address, byteCount: count * 16)
        var validity: ValidityBitmap?
        if let null {
            let bitmap = ValidityBitmap(count: count, allValid: true)
            bitmap.setNull(null)
            validity = bitmap
        }
        return ColumnVector(type: type, count: count, buffer: copy, validity: validity, heaps: heap.map { [$0] } ?? [])
    }

    /// The texts in binary order, with bytes of their own, and the place of each number among them. For texts without NULL.
    func sorted(_ type: DataType) -> (texts: ColumnVector, ranks: [UInt32]) {
        let known = UnsafePointer(views.values(StringView.self))
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
        view.pointee.isInline ? mix(view.pointee.head, view.pointee.tail) : longHash(view.pointee.head, view.bytes)
    }

    private static func longHash(_ start: UInt64, _ bytes: UnsafeRawBufferPointer) -> UInt64 {
        var hash = start
        var place = 0
        while place + 8 <= bytes.count {
            hash = mix(hash, bytes.loadUnaligned(fromByteOffset: place, as: UInt64.self))
            place += 8
        }
        return mix(hash, bytes.loadUnaligned(fromByteOffset: bytes.count - 8, as: UInt64.self))
    }

    /// Multiply and fold: every bit of both words reaches both halves (the mixing step of wyhash, Wang Yi 2019).
    @inline(__always)
    private static func mix(_ hash: UInt64, _ word: UInt64) -> UInt64 {
        let product = (hash &* 0x9E37_79B9_7F4A_7C15 ^ word).multipliedFullWidth(by: 0xC2B2_AE3D_27D4_EB4F)
        return product.high ^ product.low
    }
}

import ZLColumnar

/// Numbers the texts of a column of a block while they are few and short: codes are a quarter of the views that they stand for, and what
/// a row group joins are then dictionaries.
final class CSVTextCodes {
    private let views = Buffer(byteCount: most * MemoryLayout<StringView>.stride)
    /// Number + 1 of a text, found by linear probing; 0 is empty.
    private let slots = Buffer(byteCount: slotCount * 2)
    private var count = 0
    /// The texts as the chunks share them, while none comes in.
    private var dictionary: ColumnVector?
    /// A text was too long, or there were too many.
    private(set) var areGivenUp = false

    private static let most = 256
    private static let slotBits: UInt64 = 10
    private static let slotCount = 1 << 10

    init() { slots.zero() }

    /// Writes the codes of the rows from `first` on; false, now and from then on, where some text is longer than a short view or new when
    /// `most` are known.
    ///
    /// - Complexity: O(rows)
    func read(
        _ input: CSVColumnParser.Input, from first: Int, _ parser: CSVColumnParser, to target: UnsafeMutablePointer<UInt32>,
        _ nulls: inout CSVNulls
    ) -> Bool {
        guard !areGivenUp else { return false }
        let (known, table) = (views.values(StringView.self), slots.values(UInt16.self))
        var count = count
        defer { self.count = count }
        for row in first..<input.rows {
            let field = input.fields[row &* input.stride]
            if parser.isNull(field, field.bytes(in: input.base)) {
                nulls.set(row)
                target[row] = 0
                continue
            }
            guard !field.isEscaped, let text = StringView(short: input.base + Int(field.start), count: field.length) else {
                areGivenUp = true
                return false
            }
            var slot = CSVTextCodes.slot(text)
            while table[slot] != 0 {
                let entry = known[Int(table[slot]) &- 1]
                if entry.head == text.head, entry.tail == text.tail { break }
                slot = (slot &+ 1) & (CSVTextCodes.slotCount - 1)
            }
            if table[slot] == 0 {
                guard count < CSVTextCodes.most else {
                    areGivenUp = true
                    return false
                }
                known[count] = text
                count += 1
                table[slot] = UInt16(truncatingIfNeeded: count)
            }
            target[row] = UInt32(table[slot]) &- 1
        }
        return true
    }

    @inline(__always)
    private static func slot(_ text: StringView) -> Int {
        let mixed = (text.head ^ (text.tail &* 0x9E37_79B9_7F4A_7C15)) &* 0xC2B2_AE3D_27D4_EB4F
        return Int(truncatingIfNeeded: mixed &>> (64 - slotBits))
    }

    /// The column of codes that `read` wrote; nil where no row had a text.
    func column(_ codes: Buffer, count rows: Int, validity: ValidityBitmap?) -> ColumnVector? {
        guard count > 0 else { return nil }
        let texts: ColumnVector
        if let dictionary, dictionary.count == count {
            texts = dictionary
        } else {
            let copy = Buffer(byteCount: count * MemoryLayout<StringView>.stride)
            copy.address.copyMemory(from: views.address, byteCount: copy.byteCount)
            texts = ColumnVector(type: .varchar, count: count, buffer: copy)
            dictionary = texts
        }
        return ColumnVector(type: .varchar, form: .dictionary, count: rows, buffer: codes, validity: validity, dictionary: texts)
    }
}

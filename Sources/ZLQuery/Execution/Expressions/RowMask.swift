import CKernels
import ZLColumnar

/// One bit a row of some rows: those that are still in.
final class RowMask {
    private(set) var count: Int
    private let buffer: Buffer

    /// All rows.
    init(count: Int) {
        self.count = count
        buffer = Buffer(byteCount: max(8, (count + 63) / 64 * 8) * 2)
        restart(count: count)
    }

    /// All of other rows, at most as many as the mask was made for.
    func restart(count: Int) {
        self.count = count
        words.update(repeating: .max, count: wordCount)
        if count & 63 != 0 { words[wordCount - 1] = (1 << UInt64(count & 63)) - 1 }
    }

    var words: UnsafeMutablePointer<UInt64> { buffer.values(UInt64.self) }
    private var wordCount: Int { (count + 63) / 64 }

    /// Keeps the rows whose bit `fill` sets; behind the last row it sets none.
    func keep(_ fill: (UnsafeMutablePointer<UInt64>) -> Void) {
        let (words, wordCount) = (words, wordCount)
        let other = words + wordCount
        fill(other)
        for index in 0..<wordCount { words[index] &= other[index] }
    }

    /// Keeps the rows that hold a value.
    func keep(_ validity: ValidityBitmap?) {
        guard let validity else { return }
        keep { other in
            other.update(from: validity.words, count: wordCount)
            if count & 63 != 0 { other[wordCount - 1] &= (1 << UInt64(count & 63)) - 1 }
        }
    }

    /// Keeps the rows for which a BOOLEAN vector is true.
    func keep(whereTrue vector: ColumnVector) {
        let flat = vector.flattened()
        let flags = flat.values(UInt8.self)
        keep { other in
            for index in 0..<wordCount {
                var bits: UInt64 = 0
                for row in index * 64..<min(count, index * 64 + 64) { bits |= UInt64(flags[row]) << UInt64(row & 63) }
                other[index] = bits
            }
        }
        keep(flat.validity)
    }

    /// Whether no row is left.
    var isEmpty: Bool {
        let words = words
        for index in 0..<wordCount where words[index] != 0 { return false }
        return true
    }

    /// How many rows are left.
    func keptCount() -> Int { zl_count_marks(words, wordCount) }

    /// How many of the rows are left that stand before the end of the first, second, ... of some blocks of rows.
    func keptCounts(by blockSize: Int) -> [Int] {
        var kept = 0
        return stride(from: 0, to: wordCount, by: blockSize / 64).map { start in
            kept += zl_count_marks(words + start, min(blockSize / 64, wordCount - start))
            return kept
        }
    }

    /// The rows that are left; nil where these are all.
    func selection() -> Selection? {
        if keptCount() == count { return nil }
        return Selection(capacity: count) { rows in zl_mask_rows(words, count, rows) }
    }
}

/// A comparison of columns and constants in a conjunction, or whether a column is finite: cheap, and cannot fail.
// why: a struct of so many parts would be retained part by part for every chunk
final class ColumnComparison: Sendable {
    private let expression: PhysicalExpression
    /// How a column stands to constants, each of which it must, where that is what is asked; else none.
    private let tests: [(column: Int, test: ConstantTest)]

    /// Nil for any other expression.
    init?(_ expression: PhysicalExpression) {
        guard case .call(let call, let arguments, _) = expression else { return nil }
        if call.function.description.name == "isfinite", arguments.count == 1, case .column(let column) = arguments[0] {
            self.expression = expression
            // why: NaN is greater than every number
            let bounds = [(ZL_LESS_OR_EQUAL, Double.greatestFiniteMagnitude), (ZL_GREATER_OR_EQUAL, -Double.greatestFiniteMagnitude)]
            tests = bounds.map { comparison, bound in
                (column, ConstantTest(comparison: Int32(comparison.rawValue), constant: .constant(.double(bound), type: .double, count: 1)))
            }
            return
        }
        guard arguments.count == 2 else { return nil }
        guard let (code, other) = ColumnComparison.codes(of: call.function.description.name) else { return nil }
        self.expression = expression
        switch (arguments[0], arguments[1]) {
        case (.column(let column), .constant(let constant)) where !constant.isNull(0):
            tests = [(column, ConstantTest(comparison: Int32(code.rawValue), constant: constant))]
        case (.constant(let constant), .column(let column)) where !constant.isNull(0):
            tests = [(column, ConstantTest(comparison: Int32(other.rawValue), constant: constant))]
        case (.column, .column), (.column, .constant), (.constant, .column), (.constant, .constant):
            tests = []
        default:
            return nil
        }
    }

    /// The comparison of a name, and that of the sides exchanged.
    private static func codes(of name: String) -> (zl_comparison, mirrored: zl_comparison)? {
        switch name {
        case "=": (ZL_EQUAL, ZL_EQUAL)
        case "!=": (ZL_NOT_EQUAL, ZL_NOT_EQUAL)
        case "<": (ZL_LESS, ZL_GREATER)
        case "<=": (ZL_LESS_OR_EQUAL, ZL_GREATER_OR_EQUAL)
        case ">": (ZL_GREATER, ZL_LESS)
        case ">=": (ZL_GREATER_OR_EQUAL, ZL_LESS_OR_EQUAL)
        default: nil
        }
    }

    /// Takes the rows out of `mask` for which the comparison is not true; false where they must be decoded for that.
    func narrow(_ mask: RowMask, _ rows: Range<Int>, segment: (Int) throws(ZLError) -> SegmentRows) throws(ZLError) -> Bool {
        for (column, test) in tests {
            let segment = try segment(column)
            guard segment.narrow(mask.words, rows, test) else { return false }
        }
        return !tests.isEmpty
    }

    /// Takes the rows out of `mask` for which the comparison is not true.
    func narrow(_ mask: RowMask, _ chunk: DataChunk) throws(ZLError) {
        if !tests.isEmpty, tests.allSatisfy({ narrow(mask, chunk.columns[$0.column], $0.test) }) { return }
        mask.keep(whereTrue: try expression.evaluate(chunk))
    }

    /// False where there is no loop for the column's layout and form.
    private func narrow(_ mask: RowMask, _ vector: ColumnVector, _ test: ConstantTest) -> Bool {
        guard vector.type == test.constant.type else { return false }
        let count = vector.count
        switch (vector.form, vector.physical) {
        case (.flat, .float64):
            let constant = test.constant.values(Double.self)[0]
            if constant.isNaN { return false }
            mask.keep { zl_compare_doubles(vector.values(Double.self), constant, test.comparison, count, $0) }
        case (.flat, .int64):
            mask.keep { zl_compare_int64s(vector.values(Int64.self), test.constant.values(Int64.self)[0], test.comparison, count, $0) }
        case (.flat, .int32):
            mask.keep { zl_compare_int32s(vector.values(Int32.self), test.constant.values(Int32.self)[0], test.comparison, count, $0) }
        case (.dictionary, .string):
            guard let code = code(of: test, in: vector) else { return false }
            mask.keep { zl_compare_int32s(vector.values(Int32.self), code, test.comparison, count, $0) }
        default:
            return false
        }
        mask.keep(vector.validity)
        withExtendedLifetime((vector, test.constant)) {}
        return true
    }

    /// The one code whose text is the constant, -1 where there is none; nil for other tests than equality and for dictionaries that
    /// would take longer to look through than the rows.
    private func code(of test: ConstantTest, in vector: ColumnVector) -> Int32? {
        guard test.comparison == Int32(ZL_EQUAL.rawValue) || test.comparison == Int32(ZL_NOT_EQUAL.rawValue),
            let dictionary = vector.dictionary, dictionary.count <= vector.count
        else { return nil }
        let (texts, wanted) = (dictionary.values(StringView.self), test.constant.values(StringView.self)[0])
        var code: Int32 = -1
        for entry in 0..<dictionary.count where texts[entry] == wanted {
            if code >= 0 { return nil }
            code = Int32(entry)
        }
        return code
    }
}

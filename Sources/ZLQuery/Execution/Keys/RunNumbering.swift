import CKernels
import ZLColumnar
import ZLFunctions

/// Numbers of the distinct keys of rows, 0, 1, 2, ... in order of first appearance.
protocol KeyNumbering: AnyObject {
    var count: Int { get }
    /// The number of each row's key; unknown keys get the next free numbers.
    func insert(_ columns: [ColumnVector], count rows: Int, into numbers: UnsafeMutablePointer<UInt32>) throws(ZLError)
    /// The distinct keys, in order of their numbers.
    func keyColumns() -> [ColumnVector]
}

extension GroupNumbering: KeyNumbering {}

/// Numbers keys whose equal rows are neighbours: a row whose key is not that of the row before has a new one.
///
/// - Complexity: O(1) a row, without a table.
final class RunNumbering: KeyNumbering {
    private let types: [DataType]
    /// Keys of the first row of each run, a piece for each batch that begins some.
    private var pieces: [[ColumnVector]] = []
    /// Keys of the last rows.
    private var lastColumns: [ColumnVector] = []
    private(set) var count = 0

    init(types: [DataType]) { self.types = types }

    /// Keys of the last row, a vector of one row each.
    var last: [ColumnVector] { lastColumns.map { $0.slice($0.count - 1..<$0.count) } }

    func insert(_ columns: [ColumnVector], count rows: Int, into numbers: UnsafeMutablePointer<UInt32>) throws(ZLError) {
        guard rows > 0 else { return }
        let goesOn = lastColumns.isEmpty ? false : try RunNumbering.goOn(lastColumns, columns)
        lastColumns = columns
        // why: row numbers are written in groups of 64
        let starts = Buffer(byteCount: (rows + 64) * 4)
        let first = starts.values(UInt32.self)
        let found = try RunNumbering.runStarts(columns, count: rows, into: first)
        let began = goesOn ? found - 1 : found
        RunNumbering.number(first, found, rows, from: count - (goesOn ? 1 : 0), into: numbers)
        let begun = first + (found - began)
        if began > 0 { pieces.append(columns.map { $0.gather(begun, count: began) }) }
        count += began
        withExtendedLifetime(starts) {}
    }

    private static func number(
        _ starts: UnsafePointer<UInt32>, _ runCount: Int, _ rows: Int, from first: Int, into numbers: UnsafeMutablePointer<UInt32>
    ) {
        let target = UnsafeMutableRawPointer(numbers)
        for run in 0..<runCount {
            let end = run + 1 < runCount ? Int(starts[run + 1]) : rows
            let number = UInt32(truncatingIfNeeded: first &+ run)
            var row = Int(starts[run])
            // why: eight at a time, and those too many are written again by the next run
            while row < end, row + 8 <= rows {
                target.storeBytes(of: SIMD8(repeating: number), toByteOffset: row * 4, as: SIMD8<UInt32>.self)
                row += 8
            }
            while row < end {
                numbers[row] = number
                row += 1
            }
        }
    }

    func keyColumns() -> [ColumnVector] {
        types.indices.map { key in
            pieces.isEmpty ? ColumnVector.concatenate([], type: types[key]) : ColumnVector.concatenateKeepingForm(pieces.map { $0[key] })
        }
    }

    /// How many of the first rows have the keys of the first.
    static func firstRun(_ columns: [ColumnVector], count: Int) throws(ZLError) -> Int {
        let starts = Buffer(byteCount: (count + 64) * 4)
        let rows = starts.values(UInt32.self)
        let found = try runStarts(columns, count: count, into: rows)
        return withExtendedLifetime(starts) { found > 1 ? Int(rows[1]) : count }
    }

    /// How many runs there are.
    static func runCount(_ columns: [ColumnVector], count: Int) throws(ZLError) -> Int {
        let starts = Buffer(byteCount: (count + 64) * 4)
        return try runStarts(columns, count: count, into: starts.values(UInt32.self))
    }

    /// Whether two rows, a vector of one row for each key, have equal keys.
    static func areEqual(_ a: [ColumnVector], _ b: [ColumnVector]) throws(ZLError) -> Bool {
        try partitions(zip(a, b).map { ColumnVector.concatenate([$0, $1], type: $0.type) }, count: 2).count == 1
    }

    /// Whether the last row of `before` has the keys of the first row of `columns`.
    private static func goOn(_ before: [ColumnVector], _ columns: [ColumnVector]) throws(ZLError) -> Bool {
        var isKnown = true
        for (a, b) in zip(before, columns) {
            guard a.form == b.form, !a.mayHaveNulls, !b.mayHaveNulls else {
                isKnown = false
                break
            }
            switch (a.form, a.physical) {
            case (.flat, .int64): if a.values(Int64.self)[a.count - 1] != b.values(Int64.self)[0] { return false }
            case (.flat, .int32): if a.values(Int32.self)[a.count - 1] != b.values(Int32.self)[0] { return false }
            case (.dictionary, _) where a.dictionary === b.dictionary && a.codes[a.count - 1] == b.codes[0]: break
            default: isKnown = false
            }
        }
        if isKnown { return true }
        return try areEqual(before.map { $0.slice($0.count - 1..<$0.count) }, columns.map { $0.slice(0..<1) })
    }

    /// Writes the first row of each run, in order, and returns their number; there is room for `count` and 64 more.
    private static func runStarts(_ columns: [ColumnVector], count: Int, into starts: UnsafeMutablePointer<UInt32>) throws(ZLError) -> Int {
        guard count > 0 else { return 0 }
        if let found = markedStarts(columns, count: count, into: starts) { return found }
        let partitions = try partitions(columns, count: count)
        for (run, rows) in partitions.enumerated() { starts[run] = UInt32(truncatingIfNeeded: rows.lowerBound) }
        return partitions.count
    }

    /// nil where a key's layout or form has no loop of its own.
    private static func markedStarts(_ columns: [ColumnVector], count: Int, into starts: UnsafeMutablePointer<UInt32>) -> Int? {
        let wordCount = (count + 63) / 64
        return withUnsafeTemporaryAllocation(of: UInt64.self, capacity: wordCount) { words -> Int? in
            guard let mask = words.baseAddress else { return nil }
            mask.update(repeating: 0, count: wordCount)
            // why: texts last: where another key changes they need not be compared
            for column in columns where column.form != .dictionary {
                guard column.form == .constant || column.form == .flat, !column.mayHaveNulls else { return nil }
                switch column.physical {
                case _ where column.form == .constant: break
                case .int64: zl_mark_changes_int64(column.values(Int64.self), count, mask)
                case .int32: zl_mark_changes_uint32(column.values(UInt32.self), count, mask)
                default: return nil
                }
            }
            for column in columns where column.form == .dictionary {
                guard !column.mayHaveNulls, markTexts(column, count, wordCount, mask) else { return nil }
            }
            mask[0] |= 1
            return zl_mask_rows(mask, count, starts)
        }
    }

    /// Marks the rows whose text is not that of the row before.
    private static func markTexts(_ column: ColumnVector, _ count: Int, _ wordCount: Int, _ mask: UnsafeMutablePointer<UInt64>) -> Bool {
        guard let texts = column.dictionary?.values(StringView.self) else { return false }
        let codes = column.codes
        return withUnsafeTemporaryAllocation(of: UInt64.self, capacity: wordCount) { words -> Bool in
            guard let changes = words.baseAddress else { return false }
            changes.update(repeating: 0, count: wordCount)
            zl_mark_changes_uint32(codes, count, changes)
            for word in 0..<wordCount {
                var open = changes[word] & ~mask[word]
                while open != 0 {
                    let row = word * 64 + open.trailingZeroBitCount
                    // why: two codes may stand for one text
                    if !(texts[Int(codes[row])] == texts[Int(codes[row - 1])]) { mask[word] |= open & (0 &- open) }
                    open &= open &- 1
                }
            }
            return true
        }
    }

    private static func partitions(_ columns: [ColumnVector], count: Int) throws(ZLError) -> [Range<Int>] {
        do {
            return try KeyRuns(partitionBy: columns.map { WindowKey($0) }, orderBy: [], count: count, threads: 1, inAnyOrder: true).partitions
        } catch {
            throw error as? ZLError ?? ZLError(.internal, "runs", "comparing keys failed: \(error)")
        }
    }
}

import CKernels
import ZLColumnar
import ZLFunctions

/// Runs of neighbouring rows with equal keys.
///
/// - Complexity: O(1) a row, without a table.
enum RunStarts {
    /// The first row of each run, in order, and room for 64 more.
    static func find(_ columns: [ColumnVector], count: Int) throws(ZLError) -> (starts: Buffer, count: Int) {
        // why: row numbers are written in groups of 64
        let starts = Buffer(byteCount: (count + 64) * 4)
        return (starts, try runStarts(columns, count: count, into: starts.values(UInt32.self)))
    }

    /// How many of the first rows have the keys of the first.
    static func firstRun(_ columns: [ColumnVector], count: Int) throws(ZLError) -> Int {
        let (starts, found) = try find(columns, count: count)
        return withExtendedLifetime(starts) { found > 1 ? Int(starts.values(UInt32.self)[1]) : count }
    }

    /// How many runs there are.
    static func runCount(_ columns: [ColumnVector], count: Int) throws(ZLError) -> Int {
        try find(columns, count: count).count
    }

    /// Whether two rows, a vector of one row for each key, have equal keys.
    static func areEqual(_ a: [ColumnVector], _ b: [ColumnVector]) throws(ZLError) -> Bool {
        try partitions(zip(a, b).map { ColumnVector.concatenate([$0, $1], type: $0.type) }, count: 2).count == 1
    }

    /// Whether the last row of `before` has the keys of the first row of `columns`.
    static func goOn(_ before: [ColumnVector], _ columns: [ColumnVector]) throws(ZLError) -> Bool {
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

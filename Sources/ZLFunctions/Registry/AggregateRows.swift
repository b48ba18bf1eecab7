import ZLColumnar

/// Neighbouring rows of one batch and one source block that belong to one group.
package struct GroupRun {
    package let start: Int
    package let end: Int
    package let group: Int
    package let block: Int
}

/// Which group and which source block each row of a batch belongs to.
///
/// Either `groups` names the group of each row, or it is nil and `runs` covers all rows in order. Loops keep a run's state in
/// registers, so sorted input and queries without GROUP BY take the second form. Rows that were picked from many blocks name the
/// block of each row in `blocks`, and take the first form.
package struct AggregateRows {
    package let count: Int
    /// Number of the source block of the first rows; never decreases from batch to batch.
    package let block: Int
    /// Rows from here on belong to the next block.
    package let border: Int
    package let groups: UnsafePointer<UInt32>?
    /// The block of each row, never decreasing; nil where `block` and `border` say it.
    let blocks: UnsafePointer<UInt32>?
    package let runs: [GroupRun]
    /// All rows belong to group 0, as without GROUP BY.
    package let isOneGroup: Bool

    /// Runs shorter than this on average cost more to set up than the rows do one by one.
    private static let rowsPerRun = 4

    /// - Parameter groups: the group of each row, all in group 0 where nil. Must outlive the value.
    /// - Complexity: O(count)
    package init(count: Int, block: Int, border: Int, groups: UnsafePointer<UInt32>?) {
        self.count = count
        self.block = block
        self.border = border
        isOneGroup = groups == nil
        blocks = nil
        if let groups {
            let runs = AggregateRows.runs(groups, count, block, border)
            self.groups = runs == nil ? groups : nil
            self.runs = runs ?? []
        } else {
            self.groups = nil
            var runs: [GroupRun] = []
            if border > 0 { runs.append(GroupRun(start: 0, end: border, group: 0, block: block)) }
            if border < count { runs.append(GroupRun(start: border, end: count, group: 0, block: block + 1)) }
            self.runs = runs
        }
    }

    /// Rows of many blocks. Both pointers must outlive the value.
    ///
    /// - Parameter blocks: may be nil where no state adds by block.
    package init(count: Int, groups: UnsafePointer<UInt32>, blocks: UnsafePointer<UInt32>?) {
        self.count = count
        self.groups = groups
        self.blocks = blocks
        (block, border, runs, isOneGroup) = (0, count, [], false)
    }

    /// Rows of many blocks without GROUP BY.
    package init(count: Int, blocks: UnsafePointer<UInt32>) {
        self.count = count
        groups = nil
        self.blocks = nil
        (block, border, isOneGroup) = (0, count, true)
        var runs: [GroupRun] = []
        var start = 0
        for row in 0..<count where row + 1 == count || blocks[row + 1] != blocks[row] {
            runs.append(GroupRun(start: start, end: row + 1, group: 0, block: Int(blocks[row])))
            start = row + 1
        }
        self.runs = runs
    }

    /// All rows in one group of several.
    package init(count: Int, block: Int, border: Int, group: Int) {
        self.count = count
        blocks = nil
        self.block = block
        self.border = border
        groups = nil
        isOneGroup = false
        var runs: [GroupRun] = []
        if border > 0 { runs.append(GroupRun(start: 0, end: border, group: group, block: block)) }
        if border < count { runs.append(GroupRun(start: border, end: count, group: group, block: block + 1)) }
        self.runs = runs
    }

    /// nil where the runs are short.
    private static func runs(
        _ groups: UnsafePointer<UInt32>, _ count: Int, _ block: Int, _ border: Int
    ) -> [GroupRun]? {
        var changes = 0
        for row in 1..<max(count, 1) { changes += groups[row] == groups[row - 1] ? 0 : 1 }
        guard (changes + 1) * rowsPerRun <= count else { return nil }
        var runs: [GroupRun] = []
        runs.reserveCapacity(changes + 2)
        var start = 0
        for row in 1...count where row == count || row == border || groups[row] != groups[row - 1] {
            runs.append(GroupRun(start: start, end: row, group: Int(groups[start]), block: start < border ? block : block + 1))
            start = row
        }
        return runs
    }

    /// The block of a row.
    @inline(__always)
    func block(of row: Int) -> Int { blocks.map { Int($0[row]) } ?? (row < border ? block : block + 1) }

    /// The group of each row, written out.
    func groupOfEachRow() -> Buffer {
        let buffer = Buffer(byteCount: max(16, count * 4))
        let target = buffer.values(UInt32.self)
        if let groups {
            target.update(from: groups, count: count)
        } else {
            for run in runs {
                (target + run.start).update(repeating: UInt32(truncatingIfNeeded: run.group), count: run.end - run.start)
            }
        }
        return buffer
    }

    /// Calls `body` with every row of `vector` that is not NULL, and its group. For states that are in nobody's inner loop.
    @inline(__always)
    func forEachValid(_ vector: ColumnVector, _ body: (_ row: Int, _ group: Int) throws(ZLError) -> Void) throws(ZLError) {
        if vector.form == .constant, vector.isNull(0) { return }
        let nulls = NullMask(vector)
        if let groups {
            for row in 0..<count where !nulls.isNull(row) { try body(row, Int(groups[row])) }
        } else {
            for run in runs {
                for row in run.start..<run.end where !nulls.isNull(row) { try body(row, run.group) }
            }
        }
        withExtendedLifetime(vector) {}
    }
}

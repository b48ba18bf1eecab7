import CKernels
import ZLColumnar

/// Neighbouring rows of one batch and one source block that belong to one group.
package struct GroupRun {
    package let start: Int
    package let end: Int
    package let group: Int
    package let block: Int
}

/// The runs of a batch, in order.
package struct GroupRuns: RandomAccessCollection {
    package let count: Int
    /// The first row of each run, and behind the last run the number of rows.
    fileprivate let starts: UnsafePointer<UInt32>
    /// The group and the block of each run.
    fileprivate let groups: UnsafePointer<UInt32>
    fileprivate let blocks: UnsafePointer<Int>
    /// What they lie in.
    fileprivate let storage: Buffer

    package var startIndex: Int { 0 }
    package var endIndex: Int { count }

    @inline(__always)
    package subscript(index: Int) -> GroupRun {
        GroupRun(start: Int(starts[index]), end: Int(starts[index + 1]), group: Int(groups[index]), block: blocks[index])
    }
}

/// Neighbouring rows whose groups are numbered one after the other.
package struct GroupSteps {
    package let count: Int
    package let firstGroup: Int
    /// Rows before these may belong to the first group.
    package let isBegun: Bool
    private let buffer: Buffer

    /// The first row of each group, and behind the last group the number of rows.
    var starts: UnsafePointer<UInt32> { UnsafePointer(buffer.values(UInt32.self)) }

    /// - Parameters:
    ///   - starts: the first row of each group, counted from some row on that the first group begins with.
    ///   - rowCount: of all groups together.
    package init(_ starts: UnsafePointer<UInt32>, count: Int, rowCount: Int, firstGroup: Int, isBegun: Bool) {
        self.count = count
        self.firstGroup = firstGroup
        self.isBegun = isBegun
        buffer = Buffer(byteCount: (count + 1) * 4)
        let target = buffer.values(UInt32.self)
        for group in 0..<count { target[group] = starts[group] &- starts[0] }
        target[count] = UInt32(truncatingIfNeeded: rowCount)
    }

    /// The first rows of the groups that begin here.
    package var begun: UnsafePointer<UInt32> { isBegun ? starts + 1 : starts }
    package var begunCount: Int { isBegun ? count - 1 : count }

    /// How many groups begin before a row. - Complexity: O(log count)
    fileprivate func count(before row: Int) -> Int {
        let starts = starts
        var (low, high) = (0, count)
        while low < high {
            let middle = (low + high) / 2
            if Int(starts[middle]) < row { low = middle + 1 } else { high = middle }
        }
        return low
    }

    fileprivate func groupOfEachRow(_ rowCount: Int) -> Buffer {
        let numbers = Buffer(byteCount: max(16, rowCount * 4))
        let (groups, starts) = (numbers.values(UInt32.self), starts)
        for group in 0..<count {
            let start = Int(starts[group])
            (groups + start).update(repeating: UInt32(truncatingIfNeeded: firstGroup &+ group), count: Int(starts[group + 1]) - start)
        }
        return numbers
    }
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
    private let knownRuns: GroupRuns
    /// Makes the runs, where groups follow each other and are long.
    private let stepRuns: StepRuns?
    /// All rows belong to group 0, as without GROUP BY.
    package let isOneGroup: Bool
    /// Where `groups` is not nil.
    let tally: GroupTally?
    /// Where each group's rows are neighbours and groups follow each other.
    let steps: GroupSteps?
    /// What the groups lie in, where nobody else keeps them.
    private let numbers: Buffer?

    /// Runs shorter than this on average cost more to set up than the rows do one by one.
    private static let rowsPerRun = 4

    private static let noRuns = CutRows(capacity: 0)

    /// - Parameter groups: the group of each row, all in group 0 where nil. Must outlive the value.
    /// - Complexity: O(count)
    package init(count: Int, block: Int, border: Int, groups: UnsafePointer<UInt32>?) {
        guard let groups else {
            self.init(count: count, block: block, border: border, group: 0, isOneGroup: true)
            return
        }
        let known = AggregateRows.runs(groups, count, block, border)
        self.init(count: count, block: block, border: border, groups: known == nil ? groups : nil, blocks: nil, known, isOneGroup: false)
    }

    /// Rows of many blocks. Both pointers must outlive the value.
    ///
    /// - Parameter blocks: may be nil where no state adds by block.
    package init(count: Int, groups: UnsafePointer<UInt32>, blocks: UnsafePointer<UInt32>?) {
        self.init(count: count, block: 0, border: count, groups: groups, blocks: blocks, nil, isOneGroup: false)
    }

    /// Rows of many blocks without GROUP BY.
    package init(count: Int, blocks: UnsafePointer<UInt32>) {
        let runs = AggregateRows.cut(count, at: nil) { zl_mark_changes_uint32(blocks, count, $0) }
        for run in 0..<runs.count { (runs.groups[run], runs.blocks[run]) = (0, Int(blocks[Int(runs.starts[run])])) }
        self.init(count: count, block: 0, border: count, groups: nil, blocks: nil, runs, isOneGroup: true)
    }

    /// Rows of neighbouring blocks without GROUP BY.
    ///
    /// - Parameter ends: for each block from `block` on, how many rows it and those before it have.
    package init(count: Int, block: Int, ends: [Int]) {
        var runs = CutRows(capacity: ends.count)
        var start = 0
        for (place, end) in ends.enumerated() where end > start {
            (runs.starts[runs.count], runs.groups[runs.count], runs.blocks[runs.count]) = (UInt32(truncatingIfNeeded: start), 0, block + place)
            runs.count += 1
            start = end
        }
        runs.starts[runs.count] = UInt32(truncatingIfNeeded: count)
        self.init(count: count, block: block, border: count, groups: nil, blocks: nil, runs, isOneGroup: true)
    }

    /// All rows in one group of several.
    package init(count: Int, block: Int, border: Int, group: Int) {
        self.init(count: count, block: block, border: border, group: group, isOneGroup: false)
    }

    /// Rows of groups that follow each other.
    package init(_ steps: GroupSteps, count: Int, block: Int, border: Int) {
        if steps.count * AggregateRows.rowsPerRun > count {
            let numbers = steps.groupOfEachRow(count)
            self.init(count: count, block: block, border: border, groups: nil, blocks: nil, nil, isOneGroup: false, numbers: numbers, steps: steps)
            return
        }
        self.init(
            count: count, block: block, border: border, groups: nil, blocks: nil, nil, isOneGroup: false, steps: steps,
            stepRuns: StepRuns(steps, count: count, block: block, border: border))
    }

    /// The same for rows of many blocks, which must outlive the value.
    package init(_ steps: GroupSteps, count: Int, blocks: UnsafePointer<UInt32>) {
        let numbers = steps.groupOfEachRow(count)
        self.init(count: count, block: 0, border: count, groups: nil, blocks: blocks, nil, isOneGroup: false, numbers: numbers, steps: steps)
    }

    private init(count: Int, block: Int, border: Int, group: Int, isOneGroup: Bool) {
        let runs = CutRows(capacity: 2)
        let isCut = border > 0 && border < count
        (runs.starts[0], runs.starts[1], runs.starts[2]) = (0, UInt32(truncatingIfNeeded: isCut ? border : count), UInt32(truncatingIfNeeded: count))
        runs.groups.update(repeating: UInt32(truncatingIfNeeded: group), count: 2)
        (runs.blocks[0], runs.blocks[1]) = (border > 0 ? block : block + 1, block + 1)
        let runCount = isCut ? 2 : min(count, 1)
        self.init(
            count: count, block: block, border: border, groups: nil, blocks: nil, runs.counting(runCount), isOneGroup: isOneGroup)
    }

    /// - Parameter numbers: holds the groups, where the value is to keep them.
    private init(
        count: Int, block: Int, border: Int, groups: UnsafePointer<UInt32>?, blocks: UnsafePointer<UInt32>?, _ runs: CutRows?, isOneGroup: Bool,
        numbers: Buffer? = nil, steps: GroupSteps? = nil, stepRuns: StepRuns? = nil
    ) {
        self.steps = steps
        self.stepRuns = stepRuns
        self.numbers = numbers
        let groups = numbers.map { UnsafePointer($0.values(UInt32.self)) } ?? groups
        self.count = count
        self.block = block
        self.border = border
        self.groups = groups
        self.blocks = blocks
        self.isOneGroup = isOneGroup
        tally = groups.map { GroupTally($0, rowCount: count, border: border) }
        knownRuns = (runs ?? AggregateRows.noRuns).runs
    }

    package var runs: GroupRuns { stepRuns?.runs ?? knownRuns }

    /// Of all groups together, how many open blocks these rows can close at most.
    var mostClosed: Int { groups == nil ? runs.count : count }

    /// Of rows without GROUP BY those in which no argument is NULL, and the flat arguments there, without bitmaps: to a sum in lanes a NULL is as
    /// good as no row, wherever bitmaps begin and end.
    ///
    /// - Complexity: O(rows)
    func withoutNulls(_ arguments: [ColumnVector]) -> (arguments: [ColumnVector], rows: AggregateRows) {
        precondition(isOneGroup)
        guard let valid = arguments.reduce(nil, { ValidityBitmap.intersection($0, $1.validity, count: count) }) else { return (arguments, self) }
        let marks = ValidityBitmap(count: count, allValid: false)
        var kept = CutRows(capacity: runs.count)
        var total = 0
        for run in runs {
            let first = total
            var row = run.start
            while row < run.end {
                let end = min(run.end, row / 64 * 64 + 64)
                let bits = valid.words[row / 64] & (UInt64.max >> UInt64(64 - (end - row))) << UInt64(row % 64)
                marks.words[row / 64] |= bits
                total += bits.nonzeroBitCount
                row = end
            }
            if total == first { continue }
            (kept.starts[kept.count], kept.groups[kept.count], kept.blocks[kept.count]) = (UInt32(truncatingIfNeeded: first), 0, run.block)
            kept.count += 1
        }
        kept.starts[kept.count] = UInt32(truncatingIfNeeded: total)
        let rows = AggregateRows(count: total, block: block, border: total, groups: nil, blocks: nil, kept, isOneGroup: true)
        return (arguments.map { $0.withValidity(nil).keeping(marks.words, total) }, rows)
    }

    /// The runs of groups that follow each other, made when they are first asked for: most states take the groups themselves.
    private final class StepRuns {
        private let steps: GroupSteps
        private let count, block, border: Int
        private var known: GroupRuns?

        init(_ steps: GroupSteps, count: Int, block: Int, border: Int) {
            (self.steps, self.count, self.block, self.border) = (steps, count, block, border)
        }

        var runs: GroupRuns {
            if let known { return known }
            var runs = CutRows(capacity: steps.count + 1)
            // why: the buffer they lie in is retained at each touch
            let starts = steps.starts
            let isCut = border > 0 && border < count
            let before = isCut ? steps.count(before: border) : steps.count
            let shift = isCut && Int(starts[before]) != border ? 1 : 0
            runs.count = steps.count + shift
            for run in 0..<before {
                runs.starts[run] = starts[run]
                runs.groups[run] = UInt32(truncatingIfNeeded: steps.firstGroup &+ run)
            }
            if shift == 1 {
                runs.starts[before] = UInt32(truncatingIfNeeded: border)
                runs.groups[before] = UInt32(truncatingIfNeeded: steps.firstGroup &+ before &- 1)
            }
            for run in before..<steps.count {
                runs.starts[run + shift] = starts[run]
                runs.groups[run + shift] = UInt32(truncatingIfNeeded: steps.firstGroup &+ run)
            }
            runs.starts[runs.count] = UInt32(truncatingIfNeeded: count)
            for run in 0..<runs.count { runs.blocks[run] = Int(runs.starts[run]) < border ? block : block + 1 }
            known = runs.runs
            return runs.runs
        }
    }

    /// Memory for the starts, groups and blocks of runs.
    private struct CutRows: @unchecked Sendable {  // proof: shared only without runs, and then never written
        let buffer: Buffer
        let starts: UnsafeMutablePointer<UInt32>
        let groups: UnsafeMutablePointer<UInt32>
        let blocks: UnsafeMutablePointer<Int>
        var count = 0

        init(capacity: Int) {
            // why: rows are written to the starts in groups of 64
            let room = capacity + 1 + 64
            buffer = Buffer(byteCount: capacity * 8 + (room + capacity) * 4)
            blocks = buffer.values(Int.self)
            starts = UnsafeMutableRawPointer(blocks + capacity).assumingMemoryBound(to: UInt32.self)
            groups = starts + room
        }

        var runs: GroupRuns {
            GroupRuns(count: count, starts: UnsafePointer(starts), groups: UnsafePointer(groups), blocks: UnsafePointer(blocks), storage: buffer)
        }

        func counting(_ count: Int) -> CutRows {
            var copy = self
            copy.count = count
            return copy
        }
    }

    /// nil where the runs are short.
    private static func runs(_ groups: UnsafePointer<UInt32>, _ count: Int, _ block: Int, _ border: Int) -> CutRows? {
        let runs = cut(count, at: border, atMost: count / rowsPerRun) { zl_mark_changes_uint32(groups, count, $0) }
        guard let runs else { return nil }
        for run in 0..<runs.count {
            let start = Int(runs.starts[run])
            (runs.groups[run], runs.blocks[run]) = (groups[start], start < border ? block : block + 1)
        }
        return runs
    }

    private static func cut(_ count: Int, at border: Int?, _ mark: (UnsafeMutablePointer<UInt64>) -> Void) -> CutRows {
        cut(count, at: border, atMost: count, mark) ?? CutRows(capacity: 0)
    }

    /// Runs that begin with the first row, at `border` and where `mark` sets a bit; nil where `mark` sets more bits than `most` allows.
    private static func cut(_ count: Int, at border: Int?, atMost most: Int, _ mark: (UnsafeMutablePointer<UInt64>) -> Void) -> CutRows? {
        guard count > 0 else { return CutRows(capacity: 0) }
        let wordCount = (count + 63) / 64
        return withUnsafeTemporaryAllocation(of: UInt64.self, capacity: wordCount) { words -> CutRows? in
            guard let mask = words.baseAddress else { return nil }
            mask.update(repeating: 0, count: wordCount)
            mark(mask)
            mask[0] |= 1
            var begun = 0
            for word in 0..<wordCount { begun += mask[word].nonzeroBitCount }
            guard begun <= most else { return nil }
            if let border, border < count, border > 0 { mask[border >> 6] |= 1 << UInt64(border & 63) }
            let runs = CutRows(capacity: begun + 1)
            let found = zl_mask_rows(mask, count, runs.starts)
            runs.starts[found] = UInt32(truncatingIfNeeded: count)
            return runs.counting(found)
        }
    }

    /// The block of a row.
    @inline(__always)
    func block(of row: Int) -> Int { blocks.map { Int($0[row]) } ?? (row < border ? block : block + 1) }

    /// The group of each row, written out.
    package func groupOfEachRow() -> Buffer {
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

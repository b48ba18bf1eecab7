import ZLColumnar

/// Decides which rows replace the choice of their group.
protocol RowChooser: AnyObject {
    func grow(to groupCount: Int)
    /// The rows that replace a choice, in order: of several of one group the last one stays. Valid until the next call.
    func choose(_ keys: ColumnVector, _ rows: AggregateRows) -> ChosenRows
    /// The groups of a chooser of the same kind, fed with later rows, whose choice replaces that of `groups[group]`.
    func merge(_ partial: any RowChooser, groups: UnsafePointer<UInt32>) -> ChosenRows
    /// 1 for the groups that have a choice, 0 for the others.
    var presence: UnsafePointer<UInt8> { get }
}

/// Rows and the groups they are chosen for.
final class ChosenRows {
    private(set) var count = 0
    private var capacity = 0
    private var buffer = Buffer(byteCount: 16)

    var rows: UnsafeMutablePointer<UInt32> { buffer.values(UInt32.self) }
    var groups: UnsafeMutablePointer<UInt32> { buffer.values(UInt32.self) + capacity }

    /// Empties the list and makes room for `capacity` rows.
    func reset(capacity wanted: Int) {
        count = 0
        guard wanted > capacity else { return }
        capacity = wanted
        buffer = Buffer(byteCount: wanted * 8)
    }

    /// Takes over the list that a loop wrote to `rows` and `groups`.
    func commit(_ written: Int) { count = written }

    func append(_ row: Int, _ group: Int) {
        rows[count] = UInt32(truncatingIfNeeded: row)
        groups[count] = UInt32(truncatingIfNeeded: group)
        count += 1
    }
}

/// first, last and any_value: the place decides. NULLs are passed over by any_value only.
final class PlaceChooser: RowChooser {
    private let rule: ChoiceRule
    private var present = GroupArray<UInt8>(0)
    private let chosen = ChosenRows()

    init(_ rule: ChoiceRule) { self.rule = rule }

    func grow(to groupCount: Int) { present.grow(to: groupCount) }

    var presence: UnsafePointer<UInt8> { UnsafePointer(present.values) }

    func choose(_ keys: ColumnVector, _ rows: AggregateRows) -> ChosenRows {
        chosen.reset(capacity: rows.count)
        let known = present.values
        let nulls = NullMask(keys)
        let skipsNulls = rule == .firstValue && nulls.mayHaveNulls
        if let groups = rows.groups {
            let (takenRows, takenGroups, keepsFirst) = (chosen.rows, chosen.groups, rule != .last)
            var taken = 0
            for row in 0..<rows.count {
                let group = Int(groups[row])
                if keepsFirst, known[group] == 1 { continue }
                if skipsNulls, nulls.isNull(row) { continue }
                known[group] = 1
                takenRows[taken] = UInt32(truncatingIfNeeded: row)
                takenGroups[taken] = groups[row]
                taken += 1
            }
            chosen.commit(taken)
            return chosen
        }
        let (takenRows, takenGroups, keepsFirst) = (chosen.rows, chosen.groups, rule != .last)
        var taken = 0
        for run in rows.runs {
            if keepsFirst, known[run.group] == 1 { continue }
            var row = keepsFirst ? run.start : run.end - 1
            if skipsNulls {
                while row < run.end, nulls.isNull(row) { row += 1 }
                if row == run.end { continue }
            }
            known[run.group] = 1
            takenRows[taken] = UInt32(truncatingIfNeeded: row)
            takenGroups[taken] = UInt32(truncatingIfNeeded: run.group)
            taken += 1
        }
        chosen.commit(taken)
        return chosen
    }

    func merge(_ partial: any RowChooser, groups: UnsafePointer<UInt32>) -> ChosenRows {
        guard let partial = partial as? PlaceChooser else { return chosen }
        chosen.reset(capacity: partial.present.count)
        let (known, theirs, keepsFirst) = (present.values, partial.present.values, rule != .last)
        let (takenRows, takenGroups) = (chosen.rows, chosen.groups)
        var taken = 0
        for other in 0..<partial.present.count where theirs[other] == 1 {
            let group = Int(groups[other])
            if keepsFirst, known[group] == 1 { continue }
            known[group] = 1
            takenRows[taken] = UInt32(truncatingIfNeeded: other)
            takenGroups[taken] = groups[other]
            taken += 1
        }
        chosen.commit(taken)
        return chosen
    }
}

/// arg_min and arg_max by a key of fixed size; an interval counts as its length. Rows with a NULL key are passed over.
final class ExtremeChooser: RowChooser {
    private let wantsLess: Bool
    private let kernel: ChoiceKernel
    private var keys: RawGroupArray
    private var present = GroupArray<UInt8>(0)
    private let chosen = ChosenRows()

    init(wantsLess: Bool, kernel: ChoiceKernel) {
        self.wantsLess = wantsLess
        self.kernel = kernel
        keys = RawGroupArray(kernel.least)
    }

    func grow(to groupCount: Int) {
        keys.grow(to: groupCount)
        present.grow(to: groupCount)
    }

    var presence: UnsafePointer<UInt8> { UnsafePointer(present.values) }

    func choose(_ keys: ColumnVector, _ rows: AggregateRows) -> ChosenRows {
        chosen.reset(capacity: rows.count)
        let lengths = keys.physical == .interval
            ? Loops.map(keys, rows.count, .hugeint) { (value: Interval) in value.normalized } : keys
        kernel.choose(
            lengths.values(UInt8.self), NullMask(keys), rows, self.keys.address, present.values, wantsLess, chosen)
        return withExtendedLifetime((lengths, keys)) { chosen }
    }

    func merge(_ partial: any RowChooser, groups: UnsafePointer<UInt32>) -> ChosenRows {
        guard let partial = partial as? ExtremeChooser else { return chosen }
        let count = partial.present.count
        chosen.reset(capacity: count)
        let validity = partial.present.nonzero()
        let rows = AggregateRows(count: count, block: 0, border: count, groups: groups)
        kernel.choose(partial.keys.address, NullMask(validity), rows, keys.address, present.values, wantsLess, chosen)
        return withExtendedLifetime(validity) { chosen }
    }
}

/// Least and greatest text by bytes. Rows with a NULL key are passed over.
final class TextChooser: RowChooser {
    private let wantsLess: Bool
    private var keys = GroupTexts()
    private var present = GroupArray<UInt8>(0)
    private let chosen = ChosenRows()

    init(wantsLess: Bool) { self.wantsLess = wantsLess }

    func grow(to groupCount: Int) {
        keys.grow(to: groupCount)
        present.grow(to: groupCount)
    }

    var presence: UnsafePointer<UInt8> { UnsafePointer(present.values) }

    func choose(_ keys: ColumnVector, _ rows: AggregateRows) -> ChosenRows {
        chosen.reset(capacity: rows.count)
        let views = keys.values(StringView.self)
        let (best, known) = (self.keys.views, present.values)
        if let groups = rows.groups {
            for row in 0..<rows.count where !keys.isNull(row) { consider(views + row, row, Int(groups[row]), best, known) }
        } else {
            for run in rows.runs {
                for row in run.start..<run.end where !keys.isNull(row) { consider(views + row, row, run.group, best, known) }
            }
        }
        self.keys.keep(views, chosen)
        return chosen
    }

    /// Holds the view as it is; `keep` copies its bytes before the batch is let go.
    @inline(__always)
    private func consider(
        _ view: UnsafePointer<StringView>, _ row: Int, _ group: Int, _ best: UnsafeMutablePointer<StringView>,
        _ known: UnsafeMutablePointer<UInt8>
    ) {
        if known[group] == 1 {
            let order = StringView.compare(view, UnsafePointer(best + group))
            if wantsLess ? order >= 0 : order <= 0 { return }
        }
        best[group] = view.pointee
        known[group] = 1
        chosen.append(row, group)
    }

    func merge(_ partial: any RowChooser, groups: UnsafePointer<UInt32>) -> ChosenRows {
        guard let partial = partial as? TextChooser else { return chosen }
        chosen.reset(capacity: partial.present.count)
        let views = UnsafePointer(partial.keys.views)
        for other in 0..<partial.present.count where partial.present.values[other] == 1 {
            consider(views + other, other, Int(groups[other]), keys.views, present.values)
        }
        keys.keep(views, chosen)
        return chosen
    }
}

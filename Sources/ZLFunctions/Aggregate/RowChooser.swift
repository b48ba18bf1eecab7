import ZLColumnar

/// Decides which rows replace the choice of their group.
protocol RowChooser: AnyObject {
    func grow(to groupCount: Int)
    /// The rows that replace a choice, in order: of several of one group the last one stays. Valid until the next call.
    func choose(_ keys: ColumnVector, _ rows: AggregateRows) -> ChosenRows
    /// The groups of a chooser of the same kind, fed with later rows, whose choice replaces that of `groups[group]`.
    func merge(_ partial: any RowChooser, groups: UnsafePointer<UInt32>) -> ChosenRows
    func isPresent(_ group: Int) -> Bool
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

    func isPresent(_ group: Int) -> Bool { present.values[group] == 1 }

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
        for run in rows.runs {
            if rule == .last {
                chosen.append(run.end - 1, run.group)
                known[run.group] = 1
            } else if known[run.group] == 0 {
                guard let row = (run.start..<run.end).first(where: { !skipsNulls || !nulls.isNull($0) }) else { continue }
                chosen.append(row, run.group)
                known[run.group] = 1
            }
        }
        return chosen
    }

    func merge(_ partial: any RowChooser, groups: UnsafePointer<UInt32>) -> ChosenRows {
        guard let partial = partial as? PlaceChooser else { return chosen }
        chosen.reset(capacity: partial.present.count)
        for other in 0..<partial.present.count where partial.present.values[other] == 1 {
            let group = Int(groups[other])
            if rule != .last, present.values[group] == 1 { continue }
            present.values[group] = 1
            chosen.append(other, group)
        }
        return chosen
    }
}

/// arg_min and arg_max by a key of fixed size; an interval counts as its length. Rows with a NULL key are passed over.
final class ExtremeChooser<Key: ChoiceKey>: RowChooser {
    private let wantsLess: Bool
    private var keys = GroupArray<Key>(Key.least)
    private var present = GroupArray<UInt8>(0)
    private let chosen = ChosenRows()

    init(wantsLess: Bool) { self.wantsLess = wantsLess }

    func grow(to groupCount: Int) {
        keys.grow(to: groupCount)
        present.grow(to: groupCount)
    }

    func isPresent(_ group: Int) -> Bool { present.values[group] == 1 }

    func choose(_ keys: ColumnVector, _ rows: AggregateRows) -> ChosenRows {
        chosen.reset(capacity: rows.count)
        let lengths = keys.physical == .interval
            ? Loops.map(keys, rows.count, .hugeint) { (value: Interval) in value.normalized } : keys
        let nulls = NullMask(keys)
        if wantsLess {
            choose(lengths.values(Key.self), nulls, rows) { (key, held) in Key.isBefore(key, held) }
        } else {
            choose(lengths.values(Key.self), nulls, rows) { (key, held) in Key.isBefore(held, key) }
        }
        return withExtendedLifetime((lengths, keys)) { chosen }
    }

    @inline(__always)
    private func choose(
        _ source: UnsafePointer<Key>, _ nulls: NullMask, _ rows: AggregateRows, _ beats: (Key, Key) -> Bool
    ) {
        let (held, known) = (keys.values, present.values)
        let (takenRows, takenGroups) = (chosen.rows, chosen.groups)
        var taken = chosen.count
        if let groups = rows.groups {
            for row in 0..<rows.count where !nulls.isNull(row) {
                let group = Int(groups[row])
                if known[group] == 1, !beats(source[row], held[group]) { continue }
                held[group] = source[row]
                known[group] = 1
                takenRows[taken] = UInt32(truncatingIfNeeded: row)
                takenGroups[taken] = groups[row]
                taken += 1
            }
            chosen.commit(taken)
            return
        }
        for run in rows.runs {
            var best = held[run.group]
            var isKnown = known[run.group] == 1
            var place = -1
            for row in run.start..<run.end where !nulls.isNull(row) {
                if isKnown, !beats(source[row], best) { continue }
                best = source[row]
                isKnown = true
                place = row
            }
            guard place >= 0 else { continue }
            held[run.group] = best
            known[run.group] = 1
            takenRows[taken] = UInt32(truncatingIfNeeded: place)
            takenGroups[taken] = UInt32(truncatingIfNeeded: run.group)
            taken += 1
        }
        chosen.commit(taken)
    }

    func merge(_ partial: any RowChooser, groups: UnsafePointer<UInt32>) -> ChosenRows {
        guard let partial = partial as? ExtremeChooser<Key> else { return chosen }
        chosen.reset(capacity: partial.present.count)
        for other in 0..<partial.present.count where partial.present.values[other] == 1 {
            let group = Int(groups[other])
            let (key, held) = (partial.keys.values[other], keys.values[group])
            if present.values[group] == 1, wantsLess ? !Key.isBefore(key, held) : !Key.isBefore(held, key) { continue }
            keys.values[group] = key
            present.values[group] = 1
            chosen.append(other, group)
        }
        return chosen
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

    func isPresent(_ group: Int) -> Bool { present.values[group] == 1 }

    func choose(_ keys: ColumnVector, _ rows: AggregateRows) -> ChosenRows {
        chosen.reset(capacity: rows.count)
        let views = keys.values(StringView.self)
        if let groups = rows.groups {
            for row in 0..<rows.count where !keys.isNull(row) { consider(views + row, row, Int(groups[row])) }
        } else {
            for run in rows.runs {
                for row in run.start..<run.end where !keys.isNull(row) { consider(views + row, row, run.group) }
            }
        }
        self.keys.keep(views, chosen)
        return chosen
    }

    /// Holds the view as it is; `keep` copies its bytes before the batch is let go.
    @inline(__always)
    private func consider(_ view: UnsafePointer<StringView>, _ row: Int, _ group: Int) {
        if present.values[group] == 1 {
            let order = StringView.compare(view, UnsafePointer(keys.views + group))
            if wantsLess ? order >= 0 : order <= 0 { return }
        }
        keys.views[group] = view.pointee
        present.values[group] = 1
        chosen.append(row, group)
    }

    func merge(_ partial: any RowChooser, groups: UnsafePointer<UInt32>) -> ChosenRows {
        guard let partial = partial as? TextChooser else { return chosen }
        chosen.reset(capacity: partial.present.count)
        let views = UnsafePointer(partial.keys.views)
        for other in 0..<partial.present.count where partial.present.values[other] == 1 {
            consider(views + other, other, Int(groups[other]))
        }
        keys.keep(views, chosen)
        return chosen
    }
}

import ZLColumnar

/// The loops of min, max, arg_min and arg_max for one layout, specialised where the kernel is made.
///
/// A generic class would be called through its protocol, unspecialised; closures made with a concrete type are not.
struct ChoiceKernel {
    /// Bytes of the values that nothing is before, and nothing is after.
    let least: [UInt8]
    let greatest: [UInt8]
    /// Keeps the extreme of each group in `held` and marks in `known` the groups that have one.
    let scan: (
        _ source: UnsafeRawPointer, NullMask, AggregateRows, _ held: UnsafeMutableRawPointer,
        _ known: UnsafeMutablePointer<UInt8>, _ wantsLess: Bool
    ) -> Void
    /// The same, and lists the rows that replaced a group's extreme; of equal values the first stays.
    let choose: (
        _ source: UnsafeRawPointer, NullMask, AggregateRows, _ held: UnsafeMutableRawPointer,
        _ known: UnsafeMutablePointer<UInt8>, _ wantsLess: Bool, _ chosen: ChosenRows
    ) -> Void

    /// With more runs than these it pays to look for NaN first.
    private static let fewRuns = 4

    /// nil for texts. An interval's key is its length as HUGEINT.
    static func of(_ layout: PhysicalType) -> ChoiceKernel? {
        switch layout {
        case .bool, .uint8: make(UInt8.self)
        case .int8: make(Int8.self)
        case .int16: make(Int16.self)
        case .int32: make(Int32.self)
        case .int64: make(Int64.self)
        case .int128, .interval: make(Int128.self)
        case .uint16: make(UInt16.self)
        case .uint32: make(UInt32.self)
        case .uint64: make(UInt64.self)
        case .float32: make(Float.self)
        case .float64: make(Double.self)
        case .string: nil
        }
    }

    @inline(__always)
    private static func make<Key: ChoiceKey>(_ key: Key.Type) -> ChoiceKernel {
        ChoiceKernel(
            least: withUnsafeBytes(of: Key.least) { Array($0) }, greatest: withUnsafeBytes(of: Key.greatest) { Array($0) },
            scan: { (source, nulls, rows, held, known, wantsLess) in
                let values = source.assumingMemoryBound(to: Key.self)
                let extremes = held.assumingMemoryBound(to: Key.self)
                if wantsLess {
                    scan(values, nulls, rows, extremes, known, true) { (a, b) in Key.isBefore(a, b) }
                } else {
                    scan(values, nulls, rows, extremes, known, false) { (a, b) in Key.isBefore(b, a) }
                }
            },
            choose: { (source, nulls, rows, held, known, wantsLess, chosen) in
                let values = source.assumingMemoryBound(to: Key.self)
                let extremes = held.assumingMemoryBound(to: Key.self)
                if wantsLess {
                    choose(values, nulls, rows, extremes, known, chosen) { (a, b) in Key.isBefore(a, b) }
                } else {
                    choose(values, nulls, rows, extremes, known, chosen) { (a, b) in Key.isBefore(b, a) }
                }
            })
    }

    @inline(__always)
    private static func scan<Key: ChoiceKey>(
        _ source: UnsafePointer<Key>, _ nulls: NullMask, _ rows: AggregateRows, _ held: UnsafeMutablePointer<Key>,
        _ known: UnsafeMutablePointer<UInt8>, _ wantsLess: Bool, _ beats: (Key, Key) -> Bool
    ) {
        if let steps = rows.steps, !nulls.mayHaveNulls {
            scanSteps(source, steps, held + steps.firstGroup, known + steps.firstGroup, wantsLess, beats)
        } else if let groups = rows.groups {
            for row in 0..<rows.count {
                if nulls.isNull(row) { continue }
                let group = Int(groups[row])
                if beats(source[row], held[group]) { held[group] = source[row] }
                known[group] = 1
            }
        } else if nulls.mayHaveNulls {
            for run in rows.runs {
                for row in run.start..<run.end where !nulls.isNull(row) {
                    if beats(source[row], held[run.group]) { held[run.group] = source[row] }
                    known[run.group] = 1
                }
            }
        } else if rows.runs.count > fewRuns, Key.areOrderedByLess(source, rows.count) {
            scanRuns(source, rows.runs, held, known, wantsLess, beats) { (a, b) in wantsLess ? a < b : b < a }
        } else {
            scanRuns(source, rows.runs, held, known, wantsLess, beats, beats)
        }
    }

    /// - Parameters:
    ///   - held: the extreme of the first step's group, followed by the others.
    ///   - known: in the same way.
    @inline(__always)
    private static func scanSteps<Key: ChoiceKey>(
        _ source: UnsafePointer<Key>, _ steps: GroupSteps, _ held: UnsafeMutablePointer<Key>, _ known: UnsafeMutablePointer<UInt8>,
        _ wantsLess: Bool, _ beats: (Key, Key) -> Bool
    ) {
        guard steps.count > 0 else { return }
        let (first, isKnown) = (held[0], known[0] == 1)
        if !Key.extremes(source, steps, wantsLess: wantsLess, held) {
            let starts = steps.starts
            for step in 0..<steps.count {
                var best = source[Int(starts[step])]
                for row in Int(starts[step]) + 1..<Int(starts[step + 1]) where beats(source[row], best) { best = source[row] }
                held[step] = best
            }
        }
        if isKnown, !beats(held[0], first) { held[0] = first }
        known.update(repeating: 1, count: steps.count)
    }

    /// - Parameter isBetter: what `beats` comes to for these values.
    @inline(__always)
    private static func scanRuns<Key: ChoiceKey>(
        _ source: UnsafePointer<Key>, _ runs: GroupRuns, _ held: UnsafeMutablePointer<Key>, _ known: UnsafeMutablePointer<UInt8>,
        _ wantsLess: Bool, _ beats: (Key, Key) -> Bool, _ isBetter: (Key, Key) -> Bool
    ) {
        for run in runs {
            let length = run.end - run.start
            var best = source[run.start]
            if length >= Key.extremeCount, let extreme = Key.extreme(source + run.start, length, wantsLess: wantsLess) {
                best = extreme
            } else {
                for row in run.start + 1..<run.end { best = isBetter(source[row], best) ? source[row] : best }
            }
            if known[run.group] == 0 || beats(best, held[run.group]) { held[run.group] = best }
            known[run.group] = 1
        }
    }

    @inline(__always)
    private static func choose<Key: ChoiceKey>(
        _ source: UnsafePointer<Key>, _ nulls: NullMask, _ rows: AggregateRows, _ held: UnsafeMutablePointer<Key>,
        _ known: UnsafeMutablePointer<UInt8>, _ chosen: ChosenRows, _ beats: (Key, Key) -> Bool
    ) {
        let (takenRows, takenGroups) = (chosen.rows, chosen.groups)
        var taken = 0
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
}

import ZLColumnar
import ZLFunctions

/// Named windows and frames.
extension Binder {
    /// The definition with what it refines written into it.
    func resolve(
        _ reference: WindowReference, _ named: [String: NamedWindow]
    ) throws(ZLError) -> WindowDefinition {
        switch reference {
        case .name(let name): return try resolve(name: name, named, depth: 0)
        case .definition(let definition): return try refine(definition, named, depth: 0)
        }
    }

    private func resolve(
        name: Identifier, _ named: [String: NamedWindow], depth: Int
    ) throws(ZLError) -> WindowDefinition {
        guard let found = named[name.text.nameKey] else {
            throw ZLError(
                .binding, "unknown_window", "there is no window \"\(name.text)\" in the WINDOW clause",
                hint: NearestName.hint(name.text, among: named.values.map(\.name.text).sorted()), range: place(name.range))
        }
        guard depth <= named.count else {
            throw ZLError(
                .binding, "window_cycle", "the window \"\(name.text)\" refines itself", range: place(name.range))
        }
        return try refine(found.definition, named, depth: depth + 1)
    }

    /// A refinement may add ORDER BY and a frame, never change what the base has.
    private func refine(
        _ definition: WindowDefinition, _ named: [String: NamedWindow], depth: Int
    ) throws(ZLError) -> WindowDefinition {
        guard let base = definition.base else { return definition }
        let found = try resolve(name: base, named, depth: depth)
        var fault: String?
        if !definition.partitionBy.isEmpty {
            fault = "PARTITION BY"
        } else if !definition.orderBy.isEmpty, !found.orderBy.isEmpty {
            fault = "ORDER BY"
        } else if found.frame != nil {
            fault = "the frame"
        }
        if let fault {
            throw ZLError(
                .binding, "bad_refinement", "cannot override \(fault) of the window \"\(base.text)\"",
                range: place(definition.range))
        }
        var merged = found
        if !definition.orderBy.isEmpty { merged.orderBy = definition.orderBy }
        merged.frame = definition.frame
        merged.range = definition.range
        return merged
    }

    /// The frame, or the SQL default: up to the current row and its peers with ORDER BY, else the whole partition.
    mutating func bindFrame(
        _ frame: WindowFrame?, _ window: BoundWindow, _ environment: inout ExpressionEnvironment
    ) throws(ZLError) -> BoundFrame {
        guard let frame else {
            return BoundFrame(
                unit: .range, start: .unboundedPreceding,
                end: window.orderBy.isEmpty ? .unboundedFollowing : .currentRow, exclusion: .noOthers)
        }
        let range = place(frame.range)
        if frame.unit == .groups, window.orderBy.isEmpty {
            throw ZLError(.binding, "missing_order", "GROUPS needs an ORDER BY in the window", range: range)
        }
        let start = try bindBound(frame.start, frame.unit, window, range, &environment)
        let end = try bindBound(frame.end, frame.unit, window, range, &environment)
        if case .unboundedFollowing = start {
            throw ZLError(.binding, "bad_frame", "a frame cannot start at UNBOUNDED FOLLOWING", range: range)
        }
        if case .unboundedPreceding = end {
            throw ZLError(.binding, "bad_frame", "a frame cannot end at UNBOUNDED PRECEDING", range: range)
        }
        if start.order > end.order {
            throw ZLError(.binding, "bad_frame", "the frame's start lies behind its end", range: range)
        }
        return BoundFrame(unit: frame.unit, start: start, end: end, exclusion: frame.exclusion)
    }

    private mutating func bindBound(
        _ bound: FrameBound, _ unit: FrameUnit, _ window: BoundWindow, _ range: Range<Int>?,
        _ environment: inout ExpressionEnvironment
    ) throws(ZLError) -> BoundFrameBound {
        switch bound {
        case .unboundedPreceding: return .unboundedPreceding
        case .currentRow: return .currentRow
        case .unboundedFollowing: return .unboundedFollowing
        case .preceding(let offset): return .preceding(try bindOffset(offset, unit, window, range, &environment))
        case .following(let offset): return .following(try bindOffset(offset, unit, window, range, &environment))
        }
    }

    /// A number of rows or groups, or for RANGE a distance on the one ORDER BY key.
    private mutating func bindOffset(
        _ offset: Expression, _ unit: FrameUnit, _ window: BoundWindow, _ range: Range<Int>?,
        _ environment: inout ExpressionEnvironment
    ) throws(ZLError) -> BoundExpression {
        let bound = try bind(offset, &environment)
        guard unit == .range else {
            guard bound.type.isNumeric else {
                throw ZLError(
                    .binding, "type_mismatch", "\(unit.rawValue) counts with a whole number, found \(bound.type)",
                    range: bound.range)
            }
            return try cast(bound, to: .bigint)
        }
        guard window.orderBy.count == 1, let key = window.orderBy.first?.expression.type else {
            throw ZLError(.binding, "bad_frame", "RANGE with a distance needs exactly one ORDER BY expression", range: range)
        }
        if key.isNumeric, bound.type.isNumeric { return try cast(bound, to: key) }
        if key == .date || key.isTimestamp, bound.type == .interval { return bound }
        if key == .date, bound.type.isInteger {
            return try call("*", [.constant(.interval(Interval(days: 1)), .interval), bound], range: bound.range)
        }
        throw ZLError(
            .binding, "type_mismatch", "RANGE cannot measure a distance of \(bound.type) on a key of \(key)",
            hint: key.isTemporal ? "use an INTERVAL" : nil, range: bound.range)
    }
}

extension BoundFrameBound {
    /// Where the kind of bound lies from first to last.
    var order: Int {
        switch self {
        case .unboundedPreceding: 0
        case .preceding: 1
        case .currentRow: 2
        case .following: 3
        case .unboundedFollowing: 4
        }
    }

    var offset: BoundExpression? {
        switch self {
        case .preceding(let offset), .following(let offset): offset
        default: nil
        }
    }

    func isSame(as other: BoundFrameBound) -> Bool {
        guard order == other.order else { return false }
        guard let offset, let otherOffset = other.offset else { return true }
        return offset.isSame(as: otherOffset)
    }

    func mapOffset(_ transform: (BoundExpression) throws(ZLError) -> BoundExpression) throws(ZLError) -> BoundFrameBound {
        switch self {
        case .preceding(let offset): .preceding(try transform(offset))
        case .following(let offset): .following(try transform(offset))
        default: self
        }
    }
}

extension BoundFrame {
    func isSame(as other: BoundFrame) -> Bool {
        unit == other.unit && exclusion == other.exclusion && start.isSame(as: other.start) && end.isSame(as: other.end)
    }
}

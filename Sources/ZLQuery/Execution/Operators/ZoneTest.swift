import ZLColumnar

/// What a condition demands of zone maps: rows whose zone fails it cannot pass the condition.
///
/// Covers comparisons of a column with a constant, IN lists of constants, IS NULL, and their AND, OR and negated NULL test. Text keys are
/// prefixes, so every test allows equal keys. Columns are named by their places in the table.
indirect enum ZoneTest: Sendable {
    case within(Int, ClosedRange<Int64>)
    case oneOf(Int, [Int64])
    case hasNull(Int)
    case hasValue(Int)
    case all([ZoneTest])
    case any([ZoneTest])

    /// nil where zone maps say nothing about the condition.
    ///
    /// - Parameter places: of the columns that have zone maps.
    init?(_ condition: BoundExpression, _ places: [ColumnID: Int]) {
        func place(_ operand: BoundExpression) -> Int? {
            guard case .column(let column) = operand.kind else { return nil }
            return places[column]
        }
        switch condition.kind {
        case .and(let operands):
            let tests = operands.compactMap { ZoneTest($0, places) }
            if tests.isEmpty { return nil }
            self = .all(tests)
        case .or(let operands):
            let tests = operands.compactMap { ZoneTest($0, places) }
            guard tests.count == operands.count else { return nil }
            self = .any(tests)
        case .isNull(let operand):
            guard let column = place(operand) else { return nil }
            self = .hasNull(column)
        case .not(let operand):
            guard case .isNull(let inner) = operand.kind, let column = place(inner) else { return nil }
            self = .hasValue(column)
        case .inList(let operand, let list):
            guard let column = place(operand) else { return nil }
            var keys: [Int64] = []
            for item in list {
                guard case .constant(let value) = item.kind else { return nil }
                if value.isNull { continue }
                guard let key = OrderKey.key(value, operand.type.physical) else { return nil }
                keys.append(key)
            }
            self = .oneOf(column, keys)
        case .call(let call): self.init(comparison: call, places)
        default: return nil
        }
    }

    private init?(comparison call: BoundCall, _ places: [ColumnID: Int]) {
        guard call.arguments.count == 2 else { return nil }
        var name = call.function.description.name
        let id: ColumnID
        let constant: BoundExpression
        switch (call.arguments[0].kind, call.arguments[1].kind) {
        case (.column(let found), .constant):
            id = found
            constant = call.arguments[1]
        case (.constant, .column(let found)):
            id = found
            constant = call.arguments[0]
            name = ["<": ">", "<=": ">=", ">": "<", ">=": "<="][name] ?? name
        default: return nil
        }
        guard let column = places[id], case .constant(let value) = constant.kind else { return nil }
        if value.isNull {
            self = .oneOf(column, [])
            return
        }
        guard let key = OrderKey.key(value, constant.type.physical) else { return nil }
        switch name {
        case "=": self = .within(column, key...key)
        case "<", "<=": self = .within(column, Int64.min...key)
        case ">", ">=": self = .within(column, key...Int64.max)
        default: return nil
        }
    }

    /// Whether some row of the zone may pass.
    func mayPass(_ zone: (Int) throws -> ZoneMap) rethrows -> Bool {
        switch self {
        case .within(let column, let range): return ZoneTest.bounds(try zone(column))?.overlaps(range) ?? false
        case .oneOf(let column, let keys):
            guard let bounds = ZoneTest.bounds(try zone(column)) else { return false }
            return keys.contains { bounds.contains($0) }
        case .hasNull(let column): return try zone(column).nullCount > 0
        case .hasValue(let column):
            let zone = try zone(column)
            return zone.nullCount < zone.rowCount
        case .all(let tests): return try tests.allSatisfy { try $0.mayPass(zone) }
        case .any(let tests): return try tests.contains { try $0.mayPass(zone) }
        }
    }

    /// Takes out of `open`, which has a place for each of some zones, those whose rows cannot pass.
    ///
    /// - Parameter zones: these zones of a column.
    func narrow(_ open: inout [Bool], _ zones: (Int) throws -> ArraySlice<ZoneMap>) rethrows {
        switch self {
        case .within(let column, let range):
            for (place, zone) in zip(open.indices, try zones(column)) where open[place] { open[place] = ZoneTest.bounds(zone)?.overlaps(range) ?? false }
        case .all(let tests):
            for test in tests { try test.narrow(&open, zones) }
        default:
            for place in open.indices where open[place] {
                open[place] = try mayPass { column in
                    let all = try zones(column)
                    return all[all.startIndex + place]
                }
            }
        }
    }

    /// nil where all rows are NULL; everything where the layout has no keys.
    private static func bounds(_ zone: ZoneMap) -> ClosedRange<Int64>? {
        zone.nullCount == zone.rowCount ? nil : zone.bounds ?? Int64.min...Int64.max
    }
}

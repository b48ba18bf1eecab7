import ZLBoost
import ZLColumnar
import ZLFormats

/// The labelled rows of a TRAIN BOOSTED source, in the order of its ORDER BY column.
struct TrainingRows {
    let matrix: TrainingMatrix
    /// The ORDER BY value of each row; ascending and unique.
    let order: ColumnVector
    let fingerprint: String

    /// Reads chunks of features (DOUBLE), target (DOUBLE), weight (DOUBLE) if there is one, and the order column, sorted by the last.
    ///
    /// - Throws: an order value that is NULL or comes twice, a weight that is NULL, what `TrainingMatrix` refuses.
    init(_ chunks: [DataChunk], roles: TrainingColumns, threads: Int) throws(ZLError) {
        let features = roles.features.map(\.name)
        let rowCount = chunks.reduce(0) { $0 + $1.rowCount }
        guard rowCount > 0 else {
            throw ZLError(.execution, "no_training_rows", "no row of the source has a target: \"\(roles.target.name)\" is NULL in all")
        }
        let columns = try WorkerPool.shared.map(count: features.count, threads: threads) { column in
            TrainingRows.doubles(chunks, column: column, count: rowCount)
        }
        let labels = TrainingRows.doubles(chunks, column: features.count, count: rowCount)
        var weights: [Double]?
        if let weight = roles.weight {
            let values = TrainingRows.doubles(chunks, column: features.count + 1, count: rowCount)
            if let row = values.firstIndex(where: { $0.isNaN }) {
                throw ZLError(
                    .execution, "invalid_weight",
                    "the weight \"\(weight.name)\" of labelled row \(row + 1) is NULL or NaN, expected a number >= 0",
                    range: weight.range)
            }
            weights = values
        }
        let last = features.count + (roles.weight == nil ? 1 : 2)
        order = ColumnVector.concatenate(chunks.map { $0.columns[last] }, type: roles.order.type)
        try TrainingRows.checkUnique(order, roles.order)
        matrix = try TrainingMatrix(featureNames: features, columns: columns, labels: labels, weights: weights)
        fingerprint = TrainingRows.fingerprint(columns + [labels] + (weights.map { [$0] } ?? []), order)
    }

    /// NULL as NaN.
    private static func doubles(_ chunks: [DataChunk], column: Int, count: Int) -> [Double] {
        [Double](unsafeUninitializedCapacity: count) { target, filled in
            for chunk in chunks {
                let vector = chunk.columns[column].nullsAsNaN()
                (target.baseAddress.unsafelyUnwrapped + filled).initialize(from: vector.values(Double.self), count: chunk.rowCount)
                filled += chunk.rowCount
            }
        }
    }

    private static func checkUnique(_ order: ColumnVector, _ column: TrainingColumns.Column) throws(ZLError) {
        var previous = Value.null
        for row in 0..<order.count {
            let value = order.value(at: row)
            if value.isNull {
                throw ZLError(
                    .execution, "null_order", "the ORDER BY column \"\(column.name)\" is NULL in a labelled row",
                    range: column.range)
            }
            if value == previous {
                throw ZLError(
                    .execution, "order_not_unique",
                    "the ORDER BY column \"\(column.name)\" is not unique: \(TextFormat.text(of: value, type: order.type)) comes twice",
                    hint: "a model is trained on one row a point in time", range: column.range)
            }
            previous = value
        }
    }

    private static func fingerprint(_ columns: [[Double]], _ order: ColumnVector) -> String {
        var hash = XXHash64()
        for column in columns { column.withUnsafeBytes { hash.update($0) } }
        let text = ByteBuffer()
        let orderText = TextColumn(order)
        for row in 0..<order.count {
            orderText.append(row, to: text)
            text.append(10)
        }
        hash.update(text.bytes)
        let digits = String(hash.digest(), radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }

    /// The text of a row's order value.
    func orderText(_ row: Int) -> String { TextFormat.text(of: order, row: row) }
}

/// Which columns of the source play which part.
struct TrainingColumns {
    struct Column {
        var name: String
        var type: DataType
        var id: ColumnID
        var range: Range<Int>?
    }

    var features: [Column] = []
    var target: Column
    var weight: Column?
    var order: Column

    /// - Throws: names that the source does not have, a column in two parts, a type that cannot play its part.
    init(_ statement: TrainBoosted, source: [OutputColumn]) throws(ZLError) {
        func column(_ name: Identifier) throws(ZLError) -> Column {
            guard let found = source.first(where: { $0.name.isSameName(as: name.text) }) else {
                throw ZLError(
                    .binding, "unknown_column", "the source of the model has no column \"\(name.text)\"",
                    hint: NearestName.hint(name.text, among: source.map(\.name)), range: name.range)
            }
            return Column(name: found.name, type: found.type, id: found.id, range: name.range)
        }
        func number(_ column: Column, _ role: String) throws(ZLError) -> Column {
            guard column.type.isNumeric || column.type == .boolean else {
                throw ZLError(
                    .binding, "not_numeric", "the \(role) \"\(column.name)\" is \(column.type), expected a number",
                    range: column.range)
            }
            return column
        }
        target = try number(column(statement.target), "target")
        weight = nil
        if let name = statement.weight { weight = try number(column(name), "weight") }
        guard let orderBy = statement.orderBy else {
            throw ZLError(
                .binding, "order_required", "TRAIN BOOSTED \(statement.name.text) has no ORDER BY: rows need an order in time",
                hint: "write ORDER BY and a column with one value a row", range: statement.name.range)
        }
        order = try column(orderBy)
        let roles = [target, order] + (weight.map { [$0] } ?? [])
        features = try TrainingColumns.features(statement, source: source, roles: roles, column: column)
    }

    private static func features(
        _ statement: TrainBoosted, source: [OutputColumn], roles: [Column],
        column: (Identifier) throws(ZLError) -> Column
    ) throws(ZLError) -> [Column] {
        guard let list = statement.features else {
            throw ZLError(
                .binding, "features_required",
                "TRAIN BOOSTED \(statement.name.text) has no FEATURES: until look-ahead analysis exists they have to be listed",
                hint: "write FEATURES (a, b) or FEATURES (* EXCLUDE (c, d))", range: statement.name.range)
        }
        var features: [Column] = []
        switch list.kind {
        case .columns(let names):
            for name in names {
                let feature = try column(name)
                if let role = roles.first(where: { $0.id == feature.id }), role.name == statement.target.text || role.id == roles[0].id {
                    throw ZLError(
                        .binding, "target_as_feature", "\"\(feature.name)\" is the target and cannot be a feature", range: name.range)
                }
                features.append(feature)
            }
        case .allExcept(let names):
            var excluded: Set<ColumnID> = Set(roles.map(\.id))
            for name in names { excluded.insert(try column(name).id) }
            for found in source where !excluded.contains(found.id) {
                features.append(Column(name: found.name, type: found.type, id: found.id, range: list.range))
            }
        }
        guard !features.isEmpty else {
            throw ZLError(.binding, "no_features", "FEATURES names no column", range: list.range)
        }
        for feature in features where !feature.type.isNumeric && feature.type != .boolean {
            let what = feature.type == .varchar ? "a text" : "a \(feature.type)"
            throw ZLError(
                .binding, "unsupported_feature", "the feature \"\(feature.name)\" is \(what), expected a number or a boolean",
                hint: "leave it out with EXCLUDE (\(feature.name)); categorical features are not implemented yet",
                range: feature.range)
        }
        return features
    }

    /// Reads the source's labelled rows in order: features, target, weight, order.
    func plan(over source: LogicalPlan, newColumn: () -> ColumnID) -> LogicalPlan {
        let targetColumn = BoundExpression(.column(target.id), type: target.type)
        let isLabelled = BoundExpression(.not(BoundExpression(.isNull(targetColumn), type: .boolean)), type: .boolean)
        let orderColumn = BoundExpression(.column(order.id), type: order.type)
        let sorted = LogicalPlan.sort(.filter(source, isLabelled), [SortKey(expression: orderColumn)])
        let numbers = features + [target] + (weight.map { [$0] } ?? [])
        var projections = numbers.map { column in
            let value = BoundExpression(.column(column.id), type: column.type)
            return Projection(
                id: newColumn(),
                expression: column.type == .double ? value : BoundExpression(.cast(value, isTry: false), type: .double))
        }
        projections.append(Projection(id: newColumn(), expression: orderColumn))
        return .projection(sorted, projections)
    }
}

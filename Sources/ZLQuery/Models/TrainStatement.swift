import ZLBoost
import ZLColumnar

/// TRAIN BOOSTED: from a statement to a stored model and its figures.
extension Session {
    func train(_ statement: TrainBoosted) throws(ZLError) -> QueryResult {
        if !statement.orReplace { try requireFreeModelName(statement.name) }
        if let column = statement.allowLookahead.first { throw ZLError.notYet("ALLOW LOOKAHEAD", range: column.range) }
        let parameters = try TrainingOptions.parameters(statement)
        // why: what is wrong with the clauses is said before the rows are read.
        if let validation = statement.validation {
            _ = try TrainingOptions.purge(validation)
            _ = try TrainingOptions.inner(validation)
        } else if parameters.earlyStoppingRounds > 0 {
            throw ZLError(
                .binding, "nothing_to_watch", "early stopping of \(statement.name.text) has no rows to watch",
                hint: "add VALIDATE, or leave out early_stopping_round", range: statement.name.range)
        }
        let query = sourceQuery(statement)
        var binder = makeBinder()
        let bound = try binder.bind(query)
        let columns = try TrainingColumns(statement, source: bound.columns)
        let plan = columns.plan(over: bound.plan) { binder.newColumnID() }
        let rows = try TrainingRows(executor().collect(optimized(plan)), roles: columns, threads: settings.threads)
        let scheme = try statement.validation.map { (validation) throws(ZLError) in
            try self.scheme(validation, rows, columns.order)
        }
        var description = describe(statement, rows, columns)
        let model: StoredModel
        if let scheme {
            description.validation = TrainingOptions.text(of: scheme)
            model = try validate(statement, rows.matrix, parameters, scheme, description)
        } else {
            model = try fit(statement, rows.matrix, parameters, description)
        }
        store(model)
        return QueryResult(columns: ModelTables.metricColumns, rows: ModelTables.metrics(model))
    }

    private func sourceQuery(_ statement: TrainBoosted) -> Query {
        switch statement.source {
        case .query(let query): return query
        case .table(let name):
            return Query(selectingAllFrom: TableReference(kind: .table(name), range: name.range), range: name.range)
        }
    }

    private func validate(
        _ statement: TrainBoosted, _ matrix: TrainingMatrix, _ parameters: BoostParameters, _ scheme: ValidationScheme,
        _ description: ModelDescription
    ) throws(ZLError) -> StoredModel {
        let name = statement.name.text
        let log = log
        let flag = interrupter.flag
        let validated = try CrossValidation.run(
            matrix, parameters, scheme, threads: settings.threads,
            progress: { progress in
                let run = progress.fold.map { "fold \($0) of \(progress.foldCount)" } ?? "all rows"
                log(TrainingLog.line(name, run: run, progress.training))
            }, isCancelled: { flag.isCancelled })
        var description = description
        description.isOptimistic = validated.isOptimistic
        if validated.isOptimistic {
            log("[\(name)] note: early stopping watched the reported rows (INNER NONE), so the figures are optimistic")
        }
        let results = validated.folds + [validated.whole]
        return StoredModel(
            name: name, boosted: validated.model, description: description, figures: results.map { ModelFigures($0) },
            histories: results.map { ModelHistory(fold: $0.fold, metrics: $0.history) })
    }

    /// Without VALIDATE: the model alone, on all labelled rows.
    private func fit(
        _ statement: TrainBoosted, _ matrix: TrainingMatrix, _ parameters: BoostParameters, _ description: ModelDescription
    ) throws(ZLError) -> StoredModel {
        let flag = interrupter.flag
        let name = statement.name.text
        let dataset = try Dataset(matrix, rows: 0..<matrix.rowCount, parameters: parameters, threads: settings.threads)
        let boosted = try BoostingTrainer.train(
            dataset, parameters, evaluatesTraining: true, threads: settings.threads,
            progress: { log(TrainingLog.line(name, run: "all rows", $0)) },
            isCancelled: { flag.isCancelled })
        let whole = ModelFigures(
            fold: nil, trainRows: matrix.rowCount, purgedRows: 0, validRows: 0, bestIteration: boosted.trees.count,
            metricName: parameters.metrics[0].name)
        return StoredModel(
            name: name, boosted: boosted, description: description, figures: [whole],
            histories: [ModelHistory(fold: nil, metrics: boosted.history)])
    }

    private func scheme(
        _ validation: ModelValidation, _ rows: TrainingRows, _ order: TrainingColumns.Column
    ) throws(ZLError) -> ValidationScheme {
        let purge = try TrainingOptions.purge(validation)
        let inner = try TrainingOptions.inner(validation)
        switch validation.kind {
        case .walkForward(let folds, let embargo, let sliding):
            return ValidationScheme(
                .walkForward(folds: folds, sliding: sliding), purge: purge, embargo: embargo ?? 0, inner: inner)
        case .holdoutFraction(let expression):
            var binder = makeBinder()
            let share = try binder.constant(expression)
            guard case .double(let fraction) = try Executor.constant(
                binder.cast(BoundExpression(.constant(share.value), type: share.type), to: .double))
            else {
                throw ZLError(.binding, "invalid_holdout", "HOLDOUT takes a share between 0 and 1, found NULL", range: expression.range)
            }
            let start = try TrainingOptions.holdoutStart(
                fraction: fraction, rowCount: rows.matrix.rowCount, range: expression.range)
            return ValidationScheme(.holdout(firstRow: start), purge: purge, inner: inner)
        case .holdoutFrom(let expression):
            return ValidationScheme(
                .holdout(firstRow: try firstRow(from: expression, rows, order)), purge: purge, inner: inner)
        }
    }

    /// The first row whose ORDER BY value is not before a constant.
    private func firstRow(
        from expression: Expression, _ rows: TrainingRows, _ order: TrainingColumns.Column
    ) throws(ZLError) -> Int {
        var binder = makeBinder()
        let start = try binder.constant(expression)
        let bound = try binder.cast(BoundExpression(.constant(start.value), type: start.type, range: expression.range), to: order.type)
        let wanted = ColumnVector.constant(try Executor.constant(bound), type: order.type, count: 1)
        guard !wanted.isNull(0) else {
            throw ZLError(.binding, "invalid_holdout", "HOLDOUT FROM takes a value, found NULL", range: expression.range)
        }
        // why: rows before the constant sort before it, so its place among them is the row asked for.
        let value = OutputColumn(id: ColumnID(number: 0), name: order.name, type: order.type)
        let isRow = OutputColumn(id: ColumnID(number: 1), name: "is_row", type: .boolean)
        let marks = [(wanted, false), (rows.order, true)].map { vector, flag in
            DataChunk(
                columns: [vector, ColumnVector.constant(.boolean(flag), type: .boolean, count: vector.count)], rowCount: vector.count)
        }
        let pieces = marks.flatMap { chunk in
            stride(from: 0, to: chunk.rowCount, by: DataChunk.capacity).map {
                chunk.slice($0..<min($0 + DataChunk.capacity, chunk.rowCount))
            }
        }
        let sorted = try executor().collect(
            .sort(
                .materialized(chunks: pieces, columns: [value, isRow]),
                [SortKey(expression: BoundExpression(.column(value.id), type: value.type))]))
        var row = 0
        for chunk in sorted {
            for index in 0..<chunk.rowCount {
                if chunk.columns[1].value(at: index) == .boolean(false) { return row }
                row += 1
            }
        }
        return row
    }

    private func describe(
        _ statement: TrainBoosted, _ rows: TrainingRows, _ columns: TrainingColumns
    ) -> ModelDescription {
        var description = ModelDescription()
        switch statement.source {
        case .table(let name):
            description.source = name.text
            if let entry = makeBinder().lookUp(name), entry.kind == .view { description.viewSQL = entry.text }
        case .query(let query):
            description.source = "(" + String(decoding: statementSource[query.range], as: UTF8.self) + ")"
        }
        description.target = columns.target.name
        description.featureTypes = columns.features.map(\.type.description)
        description.orderBy = columns.order.name
        description.weight = columns.weight?.name ?? ""
        description.rowCount = rows.matrix.rowCount
        description.firstRow = rows.orderText(0)
        description.lastRow = rows.orderText(rows.matrix.rowCount - 1)
        description.fingerprint = rows.fingerprint
        description.trainedAt = startTimeMicroseconds
        return description
    }
}

/// Log lines of training, as standard error shows them.
enum TrainingLog {
    /// `[zl_v1] fold 2 of 5, round 150: valid l1 0.04312`
    static func line(_ name: String, run: String, _ progress: TrainingProgress) -> String {
        let values = progress.values.map { "\($0.dataset) \($0.metric) \(rounded($0.value))" }
        let metrics = values.isEmpty ? "" : ": " + values.joined(separator: ", ")
        return "[\(name)] \(run), round \(progress.iteration)\(metrics)"
    }

    /// Six significant digits.
    private static func rounded(_ value: Double) -> String {
        guard value.isFinite, value != 0 else { return "\(value)" }
        var scale = 1.0
        while value.magnitude * scale < 100_000, scale < 1e15 { scale *= 10 }
        return "\((value * scale).rounded() / scale)"
    }
}

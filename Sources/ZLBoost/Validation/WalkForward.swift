import ZLColumnar

/// What early stopping watches.
package enum InnerValidation: Sendable, Equatable {
    /// The last floor(percent of the training rows), behind a purge of their own. More than 0 and less than 100.
    case percent(Double)
    /// The reported rows themselves, which makes their figures optimistic.
    case none
}

/// How rows in order of time are divided into training and reported rows.
///
/// The rows are labelled and their ORDER BY values unique, so that the last n distinct values are the last n rows.
package struct ValidationScheme: Sendable, Equatable {
    package enum Layout: Sendable, Equatable {
        /// Folds as in scikit-learn's TimeSeriesSplit: reported parts of n / (folds + 1) rows rounded down, the remainder in the
        /// first training part, training from the first row on; or, if `sliding`, on the last so many rows after purging.
        case walkForward(folds: Int, sliding: Int?)
        /// One fold that reports the rows from this one on.
        case holdout(firstRow: Int)
    }

    package var layout: Layout
    /// Rows dropped at the end of the training part, whose labels reach into the rows behind it.
    package var purge: Int
    /// Rows dropped before the reported ones beyond the purge.
    package var embargo = 0
    package var inner: InnerValidation

    package init(_ layout: Layout, purge: Int, embargo: Int = 0, inner: InnerValidation) {
        self.layout = layout
        self.purge = purge
        self.embargo = embargo
        self.inner = inner
    }
}

/// The rows of one training run.
package struct FoldRows: Sendable, Equatable {
    /// Counted from 1; nil for the final model.
    package var fold: Int?
    /// The training part without what is purged before the reported rows.
    package var training: Range<Int>
    /// What trees grow on and bins come from: the training part, or what comes before its inner rows and their purge.
    package var fitted: Range<Int>
    /// What early stopping watches inside the training part.
    package var inner: Range<Int>?
    /// What the fold's figures are measured on; empty for the final model.
    package var reported: Range<Int>
    /// Rows purged before the reported and before the inner rows.
    package var purgedRows: Int
}

/// Divides row numbers; knows nothing of data or models.
package enum WalkForward {
    /// The folds of a scheme over `rowCount` rows. `watchesInner` is false where early stopping is off: nothing has to be held out
    /// then, and all training rows are fitted.
    ///
    /// - Throws: a scheme that does not fit the rows, with the fold that has no row to train on or to watch.
    package static func folds(
        _ scheme: ValidationScheme, rowCount: Int, watchesInner: Bool
    ) throws(ZLError) -> [FoldRows] {
        var folds: [FoldRows] = []
        for (index, reported) in try reportedRanges(scheme, rowCount).enumerated() {
            var fold = FoldRows(
                fold: index + 1, training: 0..<0, fitted: 0..<0, inner: nil, reported: reported, purgedRows: 0)
            let purge: Int = clamped(scheme.purge, reported.lowerBound)
            let end: Int = reported.lowerBound - purge
            fold.purgedRows = purge
            let trainingEnd: Int = end - clamped(scheme.embargo, end)
            var begin = 0
            if case .walkForward(_, let sliding?) = scheme.layout { begin = trainingEnd - clamped(sliding, trainingEnd) }
            fold.training = begin..<trainingEnd
            try divideTraining(&fold, scheme, watchesInner)
            folds.append(fold)
        }
        return folds
    }

    /// The rows of the final model: all of them, divided for early stopping like a fold's training part.
    package static func final(
        _ scheme: ValidationScheme, rowCount: Int, watchesInner: Bool
    ) throws(ZLError) -> FoldRows {
        var rows = FoldRows(
            fold: nil, training: 0..<rowCount, fitted: 0..<0, inner: nil, reported: rowCount..<rowCount, purgedRows: 0)
        try divideTraining(&rows, scheme, watchesInner)
        return rows
    }

    private static func clamped(_ count: Int, _ limit: Int) -> Int { min(max(count, 0), limit) }

    private static func reportedRanges(_ scheme: ValidationScheme, _ rowCount: Int) throws(ZLError) -> [Range<Int>] {
        switch scheme.layout {
        case .holdout(let firstRow):
            guard firstRow > 0, firstRow < rowCount else {
                throw ZLError(
                    .execution, "invalid_holdout",
                    "the holdout begins at row \(firstRow + 1) of \(rowCount), expected rows on both sides of its begin")
            }
            return [firstRow..<rowCount]
        case .walkForward(let folds, _):
            guard folds > 0, folds < rowCount else {
                throw ZLError(
                    .execution, "too_few_rows",
                    "\(folds) walk-forward folds over \(rowCount) labelled rows, expected at least 1 fold and more rows than folds")
            }
            let size: Int = rowCount / (folds + 1)
            return (0..<folds).map { fold in
                let begin: Int = rowCount - (folds - fold) * size
                return begin..<(begin + size)
            }
        }
    }

    /// Takes the inner rows from the end of the training part, and their purge before them.
    private static func divideTraining(
        _ rows: inout FoldRows, _ scheme: ValidationScheme, _ watchesInner: Bool
    ) throws(ZLError) {
        rows.fitted = rows.training
        let name: String = rows.fold.map { "fold \($0)" } ?? "the final model"
        if watchesInner, case .percent(let percent) = scheme.inner {
            guard percent > 0, percent < 100 else {
                throw ZLError(
                    .execution, "invalid_inner", "INNER is \(percent) percent, expected more than 0 and less than 100")
            }
            let innerRows = Int(Double(rows.training.count) * percent / 100)
            guard innerRows > 0 else {
                throw ZLError(
                    .execution, "no_inner_rows",
                    "\(name) has \(rows.training.count) training rows, too few for early stopping to watch \(percent) percent of them")
            }
            let innerBegin: Int = rows.training.upperBound - innerRows
            let purge: Int = clamped(scheme.purge, innerBegin - rows.training.lowerBound)
            rows.inner = innerBegin..<rows.training.upperBound
            rows.fitted = rows.training.lowerBound..<(innerBegin - purge)
            rows.purgedRows += purge
        }
        guard !rows.fitted.isEmpty else {
            throw ZLError(
                .execution, "no_training_rows",
                "\(name) has no rows left to train on: \(rows.reported.lowerBound) rows before the reported ones, \(rows.purgedRows) of them purged",
                hint: "use fewer folds or a smaller purge")
        }
    }
}

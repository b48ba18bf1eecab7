import Testing

@testable import ZLQuery

@Suite("TRAIN BOOSTED")
struct ModelParsingTests {
    private func train(_ sql: String) throws -> TrainBoosted {
        guard case .train(let train)? = try Parser.parseScript(sql).first?.kind else { throw Unexpected() }
        return train
    }

    private struct Unexpected: Error {}

    @Test("Every clause, with literal text kept")
    func everyClause() throws {
        let train = try train(
            """
            TRAIN BOOSTED OR REPLACE zl_v2 ON features.zl_training_v1 TARGET return_1m_fwd
              FEATURES (* EXCLUDE (trade_date, regime_name))
              ORDER BY trade_date WEIGHT regime_weight
              VALIDATE WALK FORWARD (FOLDS 5, PURGE 21, EMBARGO 3, SLIDING 500, INNER 15 PERCENT)
              ALLOW LOOKAHEAD (a, b)
              WITH (learning_rate = 0.010, lambda_l1 = -1e-3, objective = 'regression', metric = [l1, 'l2'], verbose = false)
            """)
        #expect(train.name.text == "zl_v2" && train.orReplace)
        #expect(train.target.text == "return_1m_fwd")
        #expect(train.orderBy?.text == "trade_date" && train.weight?.text == "regime_weight")
        #expect(train.allowLookahead.map(\.text) == ["a", "b"])
        guard case .table(let source) = train.source, case .allExcept(let excluded)? = train.features?.kind,
            let validation = train.validation,
            case .walkForward(folds: 5, embargo: 3, sliding: 500) = validation.kind,
            case .values(21, _)? = validation.purge, case .percent("15", _)? = validation.inner
        else {
            Issue.record("unexpected shape")
            return
        }
        #expect(source.text == "features.zl_training_v1")
        #expect(excluded.map(\.text) == ["trade_date", "regime_name"])
        #expect(train.parameters.map(\.name.text) == ["learning_rate", "lambda_l1", "objective", "metric", "verbose"])
        #expect(
            train.parameters.map(\.value) == [
                .number("0.010"), .number("-1e-3"), .string("regression"), .list([.word("l1"), .string("l2")]), .boolean(false),
            ])
    }

    @Test("Only what is mandatory")
    func shortest() throws {
        let train = try train("TRAIN BOOSTED m ON (SELECT * FROM v WHERE x > 1) TARGET y")
        guard case .query = train.source else {
            Issue.record("no query")
            return
        }
        #expect(train.features == nil && train.orderBy == nil && train.weight == nil && train.validation == nil)
        #expect(train.parameters.isEmpty && !train.orReplace)
    }

    @Test("Hold-out by fraction and by date, INNER NONE, PURGE AUTO")
    func holdout() throws {
        let byFraction = try train("TRAIN BOOSTED m ON v TARGET y VALIDATE HOLDOUT (0.2, PURGE AUTO, INNER NONE)")
        guard let validation = byFraction.validation, case .holdoutFraction(let fraction) = validation.kind,
            case .auto? = validation.purge, case ModelInner.none? = validation.inner
        else {
            Issue.record("unexpected shape")
            return
        }
        #expect(fraction.canonicalText == "0.2")
        let byDate = try train("TRAIN BOOSTED m ON v TARGET y FEATURES (a, b) VALIDATE HOLDOUT (FROM DATE '2020-01-01')")
        guard case .holdoutFrom(let date)? = byDate.validation?.kind, case .columns(let columns)? = byDate.features?.kind else {
            Issue.record("unexpected shape")
            return
        }
        #expect(date.canonicalText == "CAST('2020-01-01' AS DATE)")
        #expect(columns.map(\.text) == ["a", "b"])
    }
}

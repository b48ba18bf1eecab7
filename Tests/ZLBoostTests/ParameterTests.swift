import Testing
import ZLColumnar

@testable import ZLBoost

@Suite("Parameters")
struct ParameterTests {
    @Test("Aliases reach their parameter, in any case")
    func aliases() throws {
        let some = try parameters("ETA 0.3 max_leaves 7 reg_alpha 1.5 subsample 0.5 n_estimators 9 metric mae,mse")
        #expect(some.learningRate == 0.3)
        #expect(some.leafCount == 7)
        #expect(some.lambdaL1 == 1.5)
        #expect(some.baggingFraction == 0.5)
        #expect(some.iterationCount == 9)
        #expect(some.metrics == [.l1, .l2])
        #expect(try parameters("objective mae").metrics == [.l1])
    }

    @Test("No name or alias stands for two parameters, and every default is in its range")
    func table() throws {
        var seen: Set<String> = []
        for entry in ParameterTable.entries {
            for name in [entry.name] + entry.aliases {
                #expect(seen.insert(name).inserted, "\(name)")
                #expect(UnsupportedParameters.canonicalName(of: name) == nil)
            }
            guard entry.name != "seed" else { continue }
            #expect(throws: Never.self) {
                try BoostParameters([ParameterSetting(name: entry.name, value: entry.defaultText)])
            }
        }
    }

    @Test(
        "What is wrong is refused by name",
        arguments: [
            ("learning_rat 1", "learning_rate"), ("num_class 3", "num_class"),
            ("mc 1", "monotone_constraints (given as mc)"), ("learning_rate 0", "> 0"), ("num_leaves 1", "from 2"),
            ("bagging_fraction 1.5", "<= 1"), ("num_leaves many", "many"), ("learning_rate nan", "nan"),
            ("objective binary", "objective binary is not implemented"), ("objective nonsense", "nonsense"),
            ("metric auc", "metric auc"), ("metric l9", "l9"), ("boosting dart", "dart"),
            ("eta 0.1 learning_rate 0.2", "eta and learning_rate"), ("use_missing perhaps", "true or false"),
            ("zzzzzz 1", "unknown training parameter zzzzzz"),
        ])
    func refusals(text: String, message: String) {
        #expect { try parameters(text) } throws: { "\($0)".contains(message) }
    }

    @Test("The same value under two names is no contradiction")
    func agreement() throws {
        #expect(try parameters("eta 0.2 learning_rate 0.2").learningRate == 0.2)
    }

    @Test("Settings read back to the same parameters")
    func settings() throws {
        let some = try parameters("seed 42 learning_rate 0.01 lambda_l1 1e-7 max_depth 8 metric l1,rmse bagging_freq 5")
        #expect(try BoostParameters(some.settings) == some)
    }
}

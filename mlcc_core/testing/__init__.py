"""Tools for plugin authors: fakes of every kind of plugin, and contract suites to subclass.

* :mod:`mlcc_core.testing.technique`, :mod:`~mlcc_core.testing.source`,
  :mod:`~mlcc_core.testing.platform`, :mod:`~mlcc_core.testing.metric` and
  :mod:`~mlcc_core.testing.model_hub` hold ``FakeTechnique``, ``FakeSource``, ``FakePlatform``,
  ``FakeMetric`` and ``FakeModelHub``: whole implementations that keep everything in memory and
  need no pytest.
* :mod:`mlcc_core.testing.contracts` holds ``TechniqueContract``, ``SourceContract``,
  ``PlatformContract``, ``MetricContract`` and ``ModelHubContract``, and a suite for each part of
  a platform: pytest classes. Subclass one, give its fixtures, and your plugin is held to what the
  framework relies on. The built-in plugins pass the same suites.
"""

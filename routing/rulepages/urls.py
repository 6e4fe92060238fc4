"""Addresses of the rules."""

from django.urls import path

from routing.rulepages import draft_views, rerouting_views, trial_views, views

urlpatterns = [
    path("", views.RulesListView.as_view(), name="rules"),
    path("<int:rule_id>/", views.RuleView.as_view(), name="rule"),
    path("<int:rule_id>/entwurf/", views.IntoDraftView.as_view(), name="rule-into-draft"),
    path("neu-verteilen/", rerouting_views.ReroutingView.as_view(), name="rerouting"),
    path("entwuerfe/", draft_views.DraftsView.as_view(), name="drafts"),
    path("entwuerfe/<int:draft_id>/", draft_views.DraftView.as_view(), name="draft"),
    path("entwuerfe/<int:draft_id>/verwerfen/", draft_views.DiscardView.as_view(), name="draft-discard"),
    path("entwuerfe/<int:draft_id>/probelauf/", trial_views.TrialView.as_view(), name="draft-trial"),
    path("entwuerfe/<int:draft_id>/probelauf.csv", trial_views.TrialFileView.as_view(), name="draft-trial-file"),
    path("entwuerfe/<int:draft_id>/regel/", draft_views.ChangeView.as_view(), name="draft-add"),
    path("entwuerfe/<int:draft_id>/<int:change_id>/", draft_views.ChangeView.as_view(), name="draft-change"),
    path(
        "entwuerfe/<int:draft_id>/<int:change_id>/zuruecknehmen/",
        draft_views.TakeBackView.as_view(),
        name="draft-take-back",
    ),
    path("entwuerfe/<int:draft_id>/<int:change_id>/gesehen/", draft_views.SeenView.as_view(), name="draft-seen"),
]
